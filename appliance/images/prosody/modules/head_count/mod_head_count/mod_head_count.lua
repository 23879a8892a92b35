-- How many people are here: now, and the most in each half hour of the last day, in DATA/head_count.json:
--   {"at": 1700000000, "people": 3, "devices": 5, "servers": 2, "half_hours": [[1699999200, 3], ...]}
-- Moments are seconds since 1970. Numbers only, no names. The file is there for whoever may read the folder, so that
-- nobody has to ask the server: each question would be written to its log.
local array = require "prosody.util.array";
local jid_host = require "prosody.util.jid".host;
local json = require "prosody.util.json";

module:set_global();

local DAY, HALF_HOUR = 86400, 1800;
-- often enough to show who has just come; the file itself is left alone while nothing changes
local LOOK_SECONDS = module:get_option_number("head_count_look_seconds", 15, 1);
local SIGN_OF_LIFE_SECONDS = module:get_option_number("head_count_write_seconds", 300, 1);

local path = prosody.paths.data .. "/head_count.json";
local half_hours = {}; -- beginning of the half hour = most people in it
local last = {};
local can_write = true;

local function size(set)
	local count = 0;
	for _ in pairs(set) do
		count = count + 1;
	end
	return count;
end

local function is_guest(address)
	local host = prosody.hosts[jid_host(address)];
	return host and host.users and host.users.name == "anonymous";
end

-- Those who are logged in; guests without an account, and those that a proof makes for a moment (proof.lua), are nobody.
local function people_and_devices()
	local people, devices = 0, 0;
	for address, about in pairs(prosody.bare_sessions) do
		if address:sub(1, 9) ~= "xw-proof-" and not is_guest(address) then
			people, devices = people + 1, devices + size(about.sessions);
		end
	end
	return people, devices;
end

-- Other servers with a link that stands, in whichever direction.
local function linked_servers()
	local found = {};
	for session in pairs(prosody.incoming_s2s or {}) do
		if session.type == "s2sin" and session.from_host then
			found[session.from_host] = true;
		end
	end
	for _, host in pairs(prosody.hosts) do
		for other, session in pairs(host.s2sout or {}) do
			if session.type == "s2sout" then
				found[other] = true;
			end
		end
	end
	return size(found);
end

-- A clock that is put back a little costs nothing; one that was quite wrong leaves nothing behind.
local function is_near(moment, now)
	return moment > now - DAY and moment < now + DAY;
end

local function read()
	local file = io.open(path);
	local ok, found = pcall(json.decode, file and file:read("a") or "");
	if file then
		file:close();
	end
	if ok and type(found) == "table" and type(found.half_hours) == "table" then
		for _, entry in ipairs(found.half_hours) do
			local from, most = type(entry) == "table" and entry[1], type(entry) == "table" and entry[2];
			if math.type(from) == "integer" and math.type(most) == "integer" then
				half_hours[from] = most;
			end
		end
	end
end

local function list()
	local found = {};
	for from, most in pairs(half_hours) do
		found[#found + 1] = array { from, most };
	end
	table.sort(found, function (a, b) return a[1] < b[1]; end);
	return array(found);
end

-- Whole or not at all: whoever reads in between sees the old one.
local function write(count)
	local new = path .. "~";
	local file, problem = io.open(new, "w");
	local ok = file and file:write(json.encode(count));
	if file then
		local closed, why = file:close(); -- a full disk is noticed here
		ok, problem = ok and closed, why;
	end
	if ok then
		ok, problem = os.rename(new, path);
	end
	if not ok and can_write then
		module:log("warn", "The number of people cannot be kept: %s", problem);
	end
	can_write = ok;
end

local function look()
	local now = os.time();
	local people, devices = people_and_devices();
	local servers = linked_servers();
	local this = now - now % HALF_HOUR;
	half_hours[this] = math.max(half_hours[this] or 0, people);
	for from in pairs(half_hours) do
		if not is_near(from, now) then
			half_hours[from] = nil;
		end
	end
	local is_same = last.people == people and last.devices == devices and last.servers == servers;
	local is_fresh = last.at and now >= last.at and now < last.at + SIGN_OF_LIFE_SECONDS;
	if not (is_same and is_fresh and can_write) then
		last = { at = now, people = people, devices = devices, servers = servers, half_hours = list() };
		write(last);
	end
	return LOOK_SECONDS;
end

read();
-- not before all of the server is there
module:hook_object_event(prosody.events, "server-started", function ()
	look(); -- no answer: one would keep the event from whoever else waits for it
end);
module:add_timer(LOOK_SECONDS, look);
