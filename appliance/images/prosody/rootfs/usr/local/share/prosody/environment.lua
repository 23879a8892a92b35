-- Reads settings from environment variables: typed, trimmed, every mistake told at once.
-- A value is only ever a Lua value, never Lua text, so none can break out of its string.
local lfs = require "lfs";

local environment = {};

local PRIVATE_SECRETS = "/run/prosody/private/secrets/";
local FALSE_WORDS = { ["0"] = true, ["false"] = true, ["no"] = true, ["off"] = true };
local TRUE_WORDS = { ["1"] = true, ["true"] = true, ["yes"] = true, ["on"] = true };

-- Names from before December 2022, when five variables had no prefix.
local OLD_NAMES = {
	PROSODY_ENABLE_MODULES = "ENABLE_MODULES";
	PROSODY_DISABLE_MODULES = "DISABLE_MODULES";
	PROSODY_S2S_SECURE_AUTH = "S2S_SECURE_AUTH";
	PROSODY_C2S_RATE_LIMIT = "C2S_RATE_LIMIT";
	PROSODY_S2S_RATE_LIMIT = "S2S_RATE_LIMIT";
	PROSODY_UPLOAD_STORAGE_GB = "UPLOAD_STORAGE_GB";
};

local mistakes, known = {}, { PROSODY_CONFIG = true };

local function mistake(text, ...)
	mistakes[#mistakes + 1] = text:format(...);
end

-- prosodyctl reads the configuration too; only the server and `check` speak about it.
function environment.warn(text, ...)
	if prosody.process_type == "prosody" or (arg and arg[1] == "check") then
		io.stderr:write("configuration: ", text:format(...), "\n");
	end
end

local function trimmed(text)
	return (text:gsub("^%s+", ""):gsub("%s+$", ""));
end

local function raw(name)
	known[name] = true;
	local value = os.getenv(name);
	local old = OLD_NAMES[name];
	if not value and old and os.getenv(old) then
		environment.warn("%s is the old name of %s: please rename it", old, name);
		value = os.getenv(old);
	end
	return value ~= "" and value or nil;
end

function environment.text(name, default)
	local value = raw(name);
	return value and trimmed(value) or default;
end

function environment.boolean(name, default)
	local value = environment.text(name);
	if not value then
		return default;
	end
	local word = value:lower();
	if not TRUE_WORDS[word] and not FALSE_WORDS[word] then
		mistake("%s: '%s' is neither true nor false", name, value);
	end
	return TRUE_WORDS[word] or false;
end

function environment.is_false(word)
	return FALSE_WORDS[word:lower()] or false;
end

function environment.number(name, default)
	local value = environment.text(name);
	if not value then
		return default;
	end
	local number = tonumber(value);
	if not number or number <= 0 or number == math.huge then
		mistake("%s: '%s' is not a number above 0", name, value);
		return default;
	end
	return number;
end

function environment.integer(name, default)
	local number = environment.number(name, default);
	local integer = number and math.tointeger(number);
	if number and not integer then
		mistake("%s: '%s' is not a whole number", name, os.getenv(name));
	end
	return integer;
end

function environment.choice(name, choices, default)
	local value = environment.text(name);
	if not value then
		return default;
	end
	local chosen = choices[value:lower()];
	if not chosen then
		local words = {};
		for word in pairs(choices) do
			words[#words + 1] = word;
		end
		table.sort(words);
		mistake("%s: '%s' is none of %s", name, value, table.concat(words, ", "));
	end
	return chosen or default;
end

local function split(text)
	local parts = {};
	for part in text:gmatch("[^,]+") do
		part = trimmed(part);
		if part ~= "" then
			parts[#parts + 1] = part;
		end
	end
	return parts;
end

function environment.list(name, default)
	local value = raw(name);
	return value and split(value) or default;
end

-- The names in a folder, sorted, without hidden ones; none if there is no such folder.
function environment.files(folder)
	local names = {};
	if lfs.attributes(folder, "mode") == "directory" then
		for name in lfs.dir(folder) do
			if name:sub(1, 1) ~= "." then
				names[#names + 1] = name;
			end
		end
	end
	table.sort(names);
	return names;
end

local function file_content(name, path)
	local file = io.open(PRIVATE_SECRETS .. name);
	local problem;
	if not file then
		file, problem = io.open(path);
	end
	if not file then
		mistake("%s_FILE: %s. The server must be able to read it: on the host, chgrp 5222 and chmod g+r it", name, problem);
		return nil;
	end
	local content = file:read("a");
	file:close();
	if not content then
		mistake("%s_FILE: %s is not a file", name, path);
		return nil;
	end
	return (content:gsub("\r?\n$", ""));
end

-- NAME itself or the content of the file that NAME_FILE names, without its last line end.
function environment.secret(name)
	local value, path = raw(name), environment.text(name .. "_FILE");
	if value and path then
		mistake("%s and %s_FILE are both set: which one counts?", name, name);
	end
	return path and file_content(name, path) or value;
end

-- "name:value,name:value" as a list of pairs; the value may be missing.
function environment.pairs_of(name, text)
	local found = {};
	for _, part in ipairs(split(text or "")) do
		local key, value = part:match("^([^:]+):?(.*)$");
		if not key then
			mistake("%s: '%s' has no name before its colon", name, part);
		else
			found[#found + 1] = { trimmed(key), value ~= "" and trimmed(value) or nil };
		end
	end
	return found;
end

environment.mistake = mistake;

local function distance(a, b)
	local row = {};
	for j = 0, #b do
		row[j] = j;
	end
	for i = 1, #a do
		local diagonal;
		diagonal, row[0] = row[0], i;
		for j = 1, #b do
			local change = a:byte(i) == b:byte(j) and 0 or 1;
			diagonal, row[j] = row[j], math.min(row[j] + 1, row[j - 1] + 1, diagonal + change);
		end
	end
	return row[#b];
end

local function nearest(name)
	local best, best_distance;
	for other in pairs(known) do
		local d = distance(name, other);
		if not best or d < best_distance or (d == best_distance and other < best) then
			best, best_distance = other, d;
		end
	end
	return best_distance <= 8 and best or nil;
end

-- To be called when all variables have been read: what is set but was never asked for is a mistyped name.
local function warn_unknown()
	local file = io.open("/proc/self/environ", "rb");
	if not file then
		return;
	end
	for name in file:read("a"):gmatch("(PROSODY_[%w_]+)=[^%z]*") do
		if not known[name] then
			local near = nearest(name);
			environment.warn("%s is no variable of this image%s", name, near and (": did you mean " .. near .. "?") or "");
		end
	end
	file:close();
end

function environment.finish()
	warn_unknown();
	if #mistakes > 0 then
		error("wrong environment variables:\n  " .. table.concat(mistakes, "\n  "), 0);
	end
end

return environment;
