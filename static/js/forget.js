/* Who is asked who they are has left: nobody's messages stay in the browser. What they wrote and
   did not send does; it is theirs alone, and goes out when they come back. */

import { Database } from "./lib/storage/database.js";

new Database().clear("rooms");
