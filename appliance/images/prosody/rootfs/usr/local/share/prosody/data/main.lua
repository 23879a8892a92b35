-- prosody-data VERB …: what this server keeps, through Prosody's own storage. Each configuration is a file that the
-- server could be started with; what both of two configurations keep at the same place is left alone.
--   census CONFIG             counts what is kept
--   check FROM TO             says whether all of it can be taken there, and what is there already
--   move FROM TO RECORDS      copies it, and proves that both hold the same
--   compare FROM TO           proves that alone
--   send FROM TO, digest CONFIG OTHER    the halves of a move, each a process of its own
--   clear CONFIG OTHER        deletes it
--   clear-files CONFIG STORE …    deletes archives that are plain files, where this configuration keeps them elsewhere
--   xep0227 CONFIG FILE [ADDRESS]    writes all accounts, or one, in the format of XEP-0227
-- Answers are lines of JSON on stdout; what is wrong is one line on stderr.
package.path = arg[0]:match("^(.*)/") .. "/?.lua;" .. package.path;
local places = require "places";
local verb, first, second = arg[1], arg[2], arg[3];

local MESSAGES = { archive = true, muc_log = true, offline = true };
local PAUSE = 1; -- seconds between two words on how far it is
local TRIES = 5;
local NAME_BYTES = 255 - #".list~";

local function tell(line)
	print(require "prosody.util.json".encode(line));
	io.stdout:flush();
end

local function census(entries, event)
	local found = { event = event, accounts = 0, messages = 0, records = 0, bytes = 0 };
	for _, entry in ipairs(entries) do
		found.records = found.records + entry.count;
		found.bytes = found.bytes + entry.bytes;
		if entry.kind == "archive" and MESSAGES[entry.store] then
			found.messages = found.messages + entry.count;
		elseif entry.kind == "keyval" and entry.store == "accounts" then
			found.accounts = found.accounts + 1;
		end
	end
	return found;
end

-- Returns what tells whether an entry is kept at another place than in the other configuration, and what matters to it.
local function wanted_by(other_config)
	local elsewhere, matters = places.other_places(other_config);
	return function (entry) return entry.place ~= elsewhere(entry.host, entry.store); end, matters;
end

-- Returns what this configuration keeps at another place than the other one.
local function own_entries(other_config)
	local is_wanted, matters = wanted_by(other_config);
	local found = {};
	for _, entry in ipairs(places.list(matters)) do
		if is_wanted(entry) then
			found[#found + 1] = entry;
		end
	end
	return found;
end

local function quoted(text)
	return "'" .. text:gsub("'", "'\\''") .. "'";
end

-- Runs another half of this program; returns what it writes.
local function half(...)
	local words = { "lua5.4", arg[0], ... };
	for at, word in ipairs(words) do words[at] = quoted(word); end
	return assert(io.popen(table.concat(words, " ")));
end

local function encoded(text)
	return (text:gsub("%W", "%%00"));
end

-- What plain files cannot take; `elsewhere` are the places of the configuration that it goes to.
local function hindrances(entries, target)
	for _, entry in ipairs(entries) do
		if target(entry.host, entry.store) == "internal" then
			if #encoded(entry.user) > NAME_BYTES or #encoded(entry.store) > NAME_BYTES then
				tell { event = "too-long", name = entry.user .. "@" .. entry.host };
			elseif entry.kind == "archive" and entry.count > places.archive_limit(entry.host) then
				local limit = places.archive_limit(entry.host);
				tell { event = "too-many", name = entry.user .. "@" .. entry.host, count = entry.count, limit = limit };
			end
		end
	end
end

local verbs = {};

function verbs.census()
	places.start(first);
	tell(census(places.list(), "census"));
end

function verbs.check()
	places.start(first);
	local entries = own_entries(second);
	tell(census(entries, "source"));
	hindrances(entries, (places.other_places(second)));
	local there = half("there", second, first);
	for line in there:lines() do print(line); end
	assert(there:close(), "the new place cannot be read");
end

function verbs.there()
	places.start(first);
	tell(census(own_entries(second), "target"));
end

function verbs.send()
	places.start(first);
	require "transfer".send(io.stdout, wanted_by(second));
end

function verbs.clear()
	places.start(first);
	require "transfer".clear(wanted_by(second));
end

verbs["clear-files"] = function ()
	places.start(first);
	local wanted = {};
	for at = 3, #arg do wanted[arg[at]] = true; end
	require "transfer".clear_files(wanted);
end

function verbs.digest()
	places.start(first);
	local canonical, transfer = require "canonical", require "transfer";
	local sha256 = require "prosody.util.hashes".sha256;
	for _, entry in ipairs(own_entries(second)) do
		local hash, count = "", 0;
		local function add(value, key, when, with)
			hash = sha256(hash .. (key and canonical.item(key, value, when, with) or canonical.value(value)));
			count = count + 1;
		end
		-- what is made anew beside plain files is no difference
		if not transfer.is_list_of_days[entry.store] then transfer.read(entry, add); end
		if count > 0 then
			local hex = hash:gsub(".", function (byte) return ("%02x"):format(byte:byte()); end);
			print(("%q %q %q %s %d %s"):format(entry.host, entry.user, entry.store, entry.kind, count, hex));
		end
	end
	print("end");
end

local function same_text(line)
	return line and line:match("^(.*) %d+ %x+$") or "";
end

-- Compares the digests of both line by line: count and hash of each store of each person, read anew by two processes.
-- Returns nil where one of them cannot be read, which is no difference.
local function compared()
	local one, other = half("digest", first, second), half("digest", second, first);
	local stores, different = 0, 0;
	local line, again = one:read("l"), other:read("l");
	while line and line == again and line ~= "end" do
		stores = stores + 1;
		line, again = one:read("l"), other:read("l");
	end
	one:read("a"); other:read("a");
	local is_read = one:close();
	is_read = other:close() and is_read;
	if not is_read then
		return nil;
	end
	if line ~= "end" or again ~= "end" then
		different = 1;
		tell { event = "differs", source = same_text(line), target = same_text(again) };
	end
	return different == 0, stores;
end

-- SQLite gives up at once where another process has a lock for a moment, such as one that counts.
local function compare()
	for try = 1, TRIES do
		local is_same, stores = compared();
		if is_same ~= nil then
			return is_same, stores;
		end
		io.stderr:write(("read %d of %d failed\n"):format(try, TRIES));
		os.execute("sleep 2");
	end
	error("what is kept could not be read again", 0);
end

function verbs.compare()
	local is_same, stores = compare();
	if is_same then tell { event = "same", stores = stores }; end
	os.exit(is_same);
end

function verbs.move()
	places.start(second);
	local all, said = tonumber(arg[4]) or 0, os.time();
	local input = half("send", first, second);
	require "transfer".receive(input, function (count)
		if os.time() - said >= PAUSE then
			said = os.time();
			tell { event = "copied", count = count, all = all };
		end
	end);
	assert(input:close(), "what is kept could not be read to its end");
	local function to_disk() assert(os.execute("sync -f " .. quoted(prosody.paths.data))); end
	to_disk();
	tell { event = "comparing" };
	local is_same, stores = compare();
	if is_same then
		require "transfer".write_days(); -- which the old place may have done without, so it comes after
		to_disk();
		tell { event = "same", stores = stores };
	end
	os.exit(is_same);
end

function verbs.xep0227()
	places.start(first);
	local file, said = assert(io.open(second, "w")), os.time();
	local count, left = require "portable".write(file, arg[4], function (accounts)
		if os.time() - said >= PAUSE then
			said = os.time();
			tell { event = "exported", accounts = accounts };
		end
	end);
	assert(file:close());
	tell { event = "done", accounts = count, left = left };
end

local function explained(problem)
	return (tostring(problem):gsub("/[%w_/.]+%.lua:%d+: ", ""):gsub("%s+", " "));
end

io.stdout:setvbuf("full");
local ok, problem = xpcall(assert(verbs[verb], "no such verb"), explained);
io.stdout:flush();
if not ok then
	io.stderr:write(problem, "\n");
end
os.exit(ok);
