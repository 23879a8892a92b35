-- Spam and abuse that people report from their apps (XEP-0377) is told to the admins.
-- mod_watch_spam_reports leaves out reports without a reason, and fixes at the start who is an admin.
local jid = require "prosody.util.jid";
local set = require "prosody.util.set";
local st = require "prosody.util.stanza";
local users = require "prosody.core.usermanager";

module:depends "spam_reporting";

local function tell(kind, event)
	local reporter = jid.bare(event.stanza.attr.from or event.origin.full_jid);
	local text = ("%s reports %s: %s"):format(reporter, kind, event.jid);
	if event.reason and event.reason ~= "" then
		text = text .. "\n" .. event.reason;
	end
	local admins = set.new(users.get_jids_with_role("prosody:admin", module.host))
		+ set.new(users.get_jids_with_role("prosody:operator", module.host));
	for admin in admins do
		module:send(st.message({ from = module.host, to = admin, type = "chat" }, text));
	end
end

for _, kind in ipairs { "spam", "abuse", "unknown" } do
	module:hook("spam_reporting/" .. kind .. "-report", function (event)
		tell(kind == "unknown" and "somebody" or kind, event);
	end);
end
