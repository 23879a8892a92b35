-- Moves Debian's community modules out of the folder that Prosody searches, each into a
-- folder of its own, so that only those in plugin_paths exist for Prosody:
--   /usr/lib/prosody/community/<name>/mod_<name>/...
-- and writes what each one needs besides itself to community/index.lua.
local lfs = require "lfs";

local CORE = "/usr/lib/prosody/modules";
local COMMUNITY = "/usr/lib/prosody/community";

local function is_directory(path)
	return lfs.attributes(path, "mode") == "directory";
end

local function run(...)
	local words = { ... };
	for i, word in ipairs(words) do
		words[i] = "'" .. word:gsub("'", "'\\''") .. "'";
	end
	assert(os.execute(table.concat(words, " ")), "failed: " .. table.concat(words, " "));
end

local function lines_of(command)
	local pipe <close> = assert(io.popen(command));
	local lines = {};
	for line in pipe:lines() do
		lines[#lines + 1] = line;
	end
	return lines;
end

-- {name = true} of the modules that the package has as mod_NAME/ or mod_NAME.lua
local function packaged_modules()
	local names = {};
	for _, path in ipairs(lines_of("dpkg -L prosody-modules")) do
		local name = path:match("^" .. CORE .. "/mod_([%w_]+)$") or path:match("^" .. CORE .. "/mod_([%w_]+)%.lua$");
		if name then
			names[name] = true;
		end
	end
	return names;
end

local function has_code(directory)
	return #lines_of("find '" .. directory .. "' -name '*.lua'") > 0;
end

local function in_core(name)
	return lfs.attributes(CORE .. "/mod_" .. name .. ".lua") ~= nil;
end

local function move(name)
	local folder, file = CORE .. "/mod_" .. name, CORE .. "/mod_" .. name .. ".lua";
	local is_folder = is_directory(folder);
	if is_folder and (in_core(name) or not has_code(folder)) then
		run("rm", "-r", folder); -- core's own copy is newer; an empty folder is no module
		return;
	end
	run("mkdir", "-p", COMMUNITY .. "/" .. name .. (is_folder and "" or "/mod_" .. name));
	run("mv", is_folder and folder or file, COMMUNITY .. "/" .. name .. "/" .. (is_folder and "" or "mod_" .. name .. "/"));
end

-- Libraries that lie beside the modules go into each module that asks for them.
local function share_libraries()
	for _, path in ipairs(lines_of("dpkg -L prosody-modules")) do
		local library = path:match("^" .. CORE .. "/([%w_]+)%.lib%.lua$");
		if library then
			local users = lines_of(("grep -rlE \"module:require *\\(?['\\\"]%s['\\\"]\" '%s' || true"):format(library, COMMUNITY));
			for _, user in ipairs(users) do
				run("cp", path, user:match("^" .. COMMUNITY .. "/[^/]+/mod_[^/]+/"));
			end
			run("rm", path);
		end
	end
end

local function installed()
	local names = {};
	for name in lfs.dir(COMMUNITY) do
		if name:match("^[%w_]+$") and is_directory(COMMUNITY .. "/" .. name) then
			names[#names + 1] = name;
		end
	end
	table.sort(names);
	return names;
end

-- The modules that the code of `name` names in module:depends or module:require.
local function named_by(name)
	local found = {};
	for _, path in ipairs(lines_of("find '" .. COMMUNITY .. "/" .. name .. "' -name '*.lua' ! -name 'test*'")) do
		local file <close> = assert(io.open(path));
		local code = file:read("a");
		for needed in code:gmatch("module:depends%s*%(?%s*[\"']([%w_]+)[\"']") do
			found[needed] = true;
		end
		for needed in code:gmatch("module:require%s*%(?%s*[\"']mod_([%w_]+)/") do
			found[needed] = true;
		end
	end
	return found;
end

local function sorted(set)
	local list = {};
	for item in pairs(set) do
		list[#list + 1] = item;
	end
	table.sort(list);
	return list;
end

local function collect(name, direct, into)
	for needed in pairs(direct[name]) do
		if direct[needed] and not into[needed] then
			into[needed] = true;
			collect(needed, direct, into);
		end
	end
	return into;
end

local function write_index(names)
	local direct = {};
	for _, name in ipairs(names) do
		direct[name] = named_by(name);
	end
	local file <close> = assert(io.open(COMMUNITY .. "/index.lua", "w"));
	file:write("-- Each community module and the other community modules that it loads or reads.\nreturn {\n");
	for _, name in ipairs(names) do
		local needed = collect(name, direct, {});
		needed[name] = nil;
		local quoted = {};
		for i, other in ipairs(sorted(needed)) do
			quoted[i] = ("%q"):format(other);
		end
		file:write(("\t%s = { %s };\n"):format(name, table.concat(quoted, ", ")));
	end
	file:write("};\n");
end

for name in pairs(packaged_modules()) do
	move(name);
end
share_libraries();
write_index(installed());
