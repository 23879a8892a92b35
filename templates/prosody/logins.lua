-- Who is logged in: full address and where it comes from, one device a line; then the word "end".
-- Run by `prosodyctl shell`; the answer is read by engine/people/logins.py. Each line is sent by itself, for the
-- shell's client gives up at an answer of more than 10000 bytes.
local lines = {};
for jid, session in pairs(prosody.full_sessions) do
	lines[#lines + 1] = jid .. "\t" .. (session.ip or "");
end
table.sort(lines);
for _, line in ipairs(lines) do print(line); end
return "end";
