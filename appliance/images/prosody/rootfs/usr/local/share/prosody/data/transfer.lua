-- Data on their way from one configuration to another: read in one process, written in the other, a record after the
-- other, so that no archive is ever in memory as a whole.
local datetime = require "prosody.util.datetime";
local envload = require "prosody.util.envload".envload;
local st = require "prosody.util.stanza";
local serialize = require "prosody.util.serialization".new({ preset = "compact" });
local places = require "places";

local transfer = {};

local PAGE = 500; -- archived items that are asked for at once, and records that are written down at once
local END = "end";

-- The same for a list that is a plain file, as mod_storage_internal reads it, but without the index beside it: that
-- lags behind where a server was killed, and would be wrong for good if it were made while one runs.
local function file_items(user, entry)
	local list, problem = places.files().list_load(user, entry.host, entry.store);
	assert(list or not problem, problem);
	local at = 0;
	return function ()
		at = at + 1;
		local item = list and list[at];
		if not item then
			return nil;
		end
		local key, when, with = item.key, item.when or datetime.parse(item.attr.stamp), item.with;
		item.key, item.when, item.with, item.attr.stamp, item.attr.stamp_legacy = nil, nil, nil, nil, nil;
		return key, st.deserialize(item), when, with;
	end
end

-- Yields key, value, when, with of each archived item, oldest first.
local function items_of(store, entry)
	local user = entry.user ~= "" and entry.user or nil;
	if entry.place == "internal" then
		return file_items(user, entry);
	end
	return coroutine.wrap(function ()
		local last;
		repeat
			local count = 0;
			for key, value, when, with in assert(store:find(user, { limit = PAGE, after = last })) do
				count, last = count + 1, key;
				coroutine.yield(key, value, when, with);
			end
		until count < PAGE;
	end);
end

-- Calls `use(value)` for what is kept under a key, `use(value, key, when, with)` for each archived item.
function transfer.read(entry, use)
	local store = places.open(entry.host, entry.store, entry.kind);
	if entry.kind == "keyval" then
		local value, problem = store:get(entry.user ~= "" and entry.user or nil);
		assert(not problem, problem);
		if value and next(value) ~= nil then
			use(value);
		end
		return;
	end
	local count = 0;
	for key, value, when, with in items_of(store, entry) do
		assert(value, "an item cannot be read");
		count = count + 1;
		use(value, key, when, with);
	end
	assert(count == entry.count, ("only %d of %d items could be read"):format(count, entry.count));
end

local function packed(value)
	local is_stanza = st.is_stanza(value);
	return { is_stanza = is_stanza or nil, value = is_stanza and st.preserialize(value) or value };
end

local function unpacked(record)
	return record.is_stanza and st.deserialize(record.value) or record.value;
end

-- Writes what `is_wanted` of all that is kept at places that matter to `out`: each record with its length before it, and an end.
function transfer.send(out, is_wanted, matters)
	local function write(text)
		assert(out:write(#text, "\n", text));
	end
	for _, entry in ipairs(places.list(matters)) do
		if is_wanted(entry) then
			write(serialize({ host = entry.host, user = entry.user, store = entry.store, kind = entry.kind }));
			transfer.read(entry, function (value, key, when, with)
				local record = packed(value);
				record.key, record.when, record.with = key, when, with;
				write(serialize(record));
			end);
		end
	end
	write(END);
end

-- Yields each record that was sent; a stream that ends before its end is an error.
local function received(input)
	return coroutine.wrap(function ()
		while true do
			local length = input:read("n", "l");
			local text = length and input:read(length);
			assert(text and #text == length, "what is kept could not be read to its end");
			if text == END then
				return;
			end
			coroutine.yield(assert(envload("return " .. text, "=record", {}))());
		end
	end);
end

-- Does `work` as one transaction of the database, in which each write of a store would be one of its own.
local function at_once(engine, work)
	if not engine then
		return work();
	end
	local ok, problem = engine:_transaction(function ()
		engine.transaction = function (_, write, ...) return true, write(...); end
		local done, reason = pcall(work);
		engine.transaction = nil;
		assert(done, reason);
	end);
	engine.transaction = nil;
	assert(ok, problem);
end

local function checked(ok, problem)
	assert(ok, problem or "it could not be written");
end

local DAYS = { archive = "archive_cleanup", muc_log = "muc_log_cleanup" };
transfer.is_list_of_days = { archive_cleanup = true, muc_log_cleanup = true };
local days = {}; -- {host = {store = {day = {user = true}}}}

local function note_day(entry, when)
	local of = DAYS[entry.store];
	if of then
		local stores = days[entry.host] or {};
		days[entry.host] = stores;
		stores[of] = stores[of] or {};
		local day = datetime.date(when);
		stores[of][day] = stores[of][day] or {};
		stores[of][day][entry.user] = true;
	end
end

-- Writes down who has messages of which day, as mod_mam and mod_muc_mam do beside plain files: they look nowhere else
-- for what has outlived its limit, so that of somebody who never writes again all would stay.
function transfer.write_days()
	for host, stores in pairs(days) do
		for of, by_day in pairs(stores) do
			local store = places.open(host, of, "keyval");
			for day, users in pairs(by_day) do
				local known = store:get(day) or {};
				for user in pairs(users) do known[user] = true; end
				checked(store:set(day, known));
			end
		end
	end
end

-- Plain files would be written anew for each item that is added under its own key: a list is written as a whole.
local function file_writer(entry)
	local user, list = entry.user ~= "" and entry.user or nil, {};
	local function add(record)
		local item = record.value;
		item.key, item.when, item.with = record.key, record.when, record.with;
		item.attr.stamp = datetime.datetime(record.when);
		note_day(entry, record.when);
		list[#list + 1] = item;
	end
	return add, function () checked(places.files().list_store(user, entry.host, entry.store, list)); end
end

local function store_writer(entry)
	local user, store = entry.user ~= "" and entry.user or nil, places.open(entry.host, entry.store, entry.kind);
	if entry.kind == "keyval" then
		return function (record) checked(store:set(user, unpacked(record))); end
	end
	return function (record) checked(store:append(user, record.key, unpacked(record), record.when, record.with)); end
end

local function writer_of(entry)
	local place, driver = places.place(entry.host, entry.store);
	if driver == "internal" and entry.kind == "archive" then
		return file_writer(entry);
	end
	local add, finish = store_writer(entry);
	return add, finish, driver == "sql" and places.engine(place) or nil;
end

-- Writes all records of `input` to where this configuration wants them; `report` hears how many it were so far.
function transfer.receive(input, report)
	local add, finish, engine;
	local pending, count = {}, 0;
	local function flush()
		local records = pending;
		pending = {};
		if #records > 0 then
			at_once(engine, function ()
				for _, record in ipairs(records) do
					add(record);
				end
			end);
			count = count + #records;
			report(count);
		end
	end
	for record in received(input) do
		if record.store then
			flush();
			if finish then finish(); end
			add, finish, engine = writer_of(record);
		else
			pending[#pending + 1] = record;
			if #pending == PAGE then flush(); end
		end
	end
	flush();
	if finish then finish(); end
end

-- Deletes all that is kept where `is_wanted`; a database file or folder that is empty then goes, too.
function transfer.clear(is_wanted)
	local files = {};
	for _, entry in ipairs(places.list()) do
		if is_wanted(entry) then
			local user, store = entry.user ~= "" and entry.user or nil, places.open(entry.host, entry.store, entry.kind);
			if entry.kind == "keyval" then
				checked(store:set(user, nil));
			else
				checked(store:delete(user, {}));
			end
			files[entry.place:match("^sql|SQLite3|[^|]*|[^|]*|(.+)$") or ""] = true;
		end
	end
	for _, entry in ipairs(places.list()) do
		files[entry.place:match("^sql|SQLite3|[^|]*|[^|]*|(.+)$") or ""] = nil;
	end
	for file in pairs(files) do
		for _, ending in ipairs(file ~= "" and { "", "-wal", "-shm" } or {}) do
			os.remove(file .. ending);
		end
	end
	places.remove_empty_folders();
end

-- Deletes the archives of these stores that are plain files, unless they are in use.
function transfer.clear_files(stores)
	local found = {};
	places.files_of(function (host, user, store, kind)
		if stores[store] and kind == "archive" and places.place(host, store) ~= "internal" then
			found[#found + 1] = { host, user ~= "" and user or nil, store };
		end
	end);
	for _, entry in ipairs(found) do
		checked(places.files().list_store(entry[2], entry[1], entry[3], {}));
	end
	places.remove_empty_folders();
end

return transfer;
