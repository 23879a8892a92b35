-- Who is logged in: full address and where it comes from, one device a line.
-- Run by `prosodyctl shell`; the answer is read by xmpp_wizard/engine/logins.py.
local lines = {};
for jid, session in pairs(prosody.full_sessions) do
	lines[#lines + 1] = jid .. "\t" .. (session.ip or "");
end
table.sort(lines);
return table.concat(lines, "\n");
