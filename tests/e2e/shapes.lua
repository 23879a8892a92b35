-- Data of every shape that Prosody keeps, to be moved.
package.path = "/usr/local/share/prosody/data/?.lua;" .. package.path
local places, st = require "places", require "prosody.util.stanza"
places.start("/etc/prosody/one.cfg.lua")
local function keep(host, store, user, value)
	assert(places.open(host, store, "keyval"):set(user, value))
end
local function archive(host, store, user, count, make)
	local opened = places.open(host, store, "archive")
	for number = 1, count do
		assert(opened:append(user, "id " .. number, make(number), 1700000000.123 + number, "bü@c"))
	end
end
keep("a.example", "accounts", "ann", { salt = "s", iteration_count = 10000, created = os.time() + 0.123456 })
keep("a.example", "accounts", "名前", { disabled = true })
keep("a.example", "roster", "ann", { [false] = { version = true, pending = {} }, ["b@c"] = { groups = { A = true } } })
keep("a.example", "odd", "ann", { list = { 1, 2.5, -3, "four" }, [1] = "one", ["2"] = "two", deep = { { {} } }, [true] = 0 })
keep("a.example", "vcard", "ann", st.preserialize(st.stanza("vCard", { xmlns = "vcard-temp" }):text_tag("FN", "😀\n")))
keep("a.example", "big", "ann", { text = ("x"):rep(3000000) })
keep("a.example", "cron", nil, { task = 1700000000 })
keep("retired.example", "accounts", "old", { password = "x" })
keep("own.example", "accounts", "own", { password = "x" })
archive("a.example", "archive", "ann", 1203, function (number)
	return st.message({ from = "a@b/c", ["xml:lang"] = "de", id = "'\"<\t" }, "wörd\r\n ]]> & " .. number)
		:tag("encrypted", { xmlns = "eu.siacs.conversations.axolotl" }):tag("header"):text_tag("key", "A", { rid = "1" });
end)
archive("groups.a.example", "muc_log", "room", 3, function () return st.message({ type = "groupchat" }, "hi") end)
archive("a.example", "pep_urn:xmpp:avatar:data", "ann", 1, function ()
	return st.stanza("item", { id = "1", xmlns = "http://jabber.org/protocol/pubsub" }):tag("data", { xmlns = "x" }):text("A")
end)
