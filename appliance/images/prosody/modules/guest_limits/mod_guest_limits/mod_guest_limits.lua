-- No guest of a room can write so fast that nobody else gets a word in; mod_muc_limits counts all guests together:
--   guest_event_rate = 1        -- messages, entries and new names a second
--   guest_burst_factor = 10     -- so many seconds' worth may come at once
-- What is refused here does not count there. Members are not slowed down. To be loaded on a Component "muc".
local jid_bare = require "prosody.util.jid".bare;
local new_cache = require "prosody.util.cache".new;
local new_throttle = require "prosody.util.throttle".create;
local st = require "prosody.util.stanza";

local MUC = "http://jabber.org/protocol/muc";

module:depends "muc";

local rate = module:get_option_number("guest_event_rate", 1, 0.01);
local burst = module:get_option_number("guest_burst_factor", 10, 1);
-- who has not been heard of for long starts anew
local guests = new_cache(2000);

local function is_too_fast(room, guest)
	local key = room.jid .. " " .. guest;
	local throttle = guests:get(key) or new_throttle(rate * burst, burst);
	guests:set(key, throttle);
	return not throttle:poll(1);
end

local function limit(event)
	local stanza, room = event.stanza, event.room;
	local guest = jid_bare(stanza.attr.from);
	if room:get_affiliation(guest) or not is_too_fast(room, guest) then
		return nil;
	end
	if stanza.attr.type ~= "error" then
		local reply = st.error_reply(stanza, "wait", "policy-violation", "You are too fast for this room, please wait a moment");
		local x = stanza:get_child("x", MUC);
		event.origin.send(x and reply:reset():add_child(st.clone(x)) or reply);
	end
	return true;
end

for _, event in ipairs({ "muc-occupant-pre-join", "muc-occupant-pre-change", "muc-occupant-groupchat" }) do
	module:hook(event, limit, 10);
end
