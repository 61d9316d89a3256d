/* A ship's bell, far away: two soft tones. Made, not fetched. */

const TONES = [
  { hertz: 880, after: 0 },
  { hertz: 1174.7, after: 0.12 },
];
const LOUDNESS = 0.06;
const FADES_IN_SECONDS = 0.5;

/** @type {AudioContext | null} */
let audio = null;

/** Silent where the browser does not let a page be heard yet: before anything was pressed. */
export function ring() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume();
  for (const { hertz, after } of TONES) sound(audio, hertz, audio.currentTime + after);
}

/** @param {AudioContext} audio @param {number} hertz @param {number} at */
function sound(audio, hertz, at) {
  const tone = new OscillatorNode(audio, { type: "sine", frequency: hertz });
  const loudness = new GainNode(audio, { gain: 0 });
  loudness.gain.setValueAtTime(0, at);
  loudness.gain.linearRampToValueAtTime(LOUDNESS, at + 0.015);
  loudness.gain.exponentialRampToValueAtTime(0.0001, at + FADES_IN_SECONDS);
  tone.connect(loudness).connect(audio.destination);
  tone.start(at);
  tone.stop(at + FADES_IN_SECONDS);
}
