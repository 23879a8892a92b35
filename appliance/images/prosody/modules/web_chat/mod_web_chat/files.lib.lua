-- Files of a folder that never changes while the server runs, compressed for those who take that.
local lfs = require "lfs";

local MIME = {
	css = "text/css; charset=utf-8"; ico = "image/x-icon"; js = "text/javascript; charset=utf-8";
	json = "application/json"; mp3 = "audio/mpeg"; ogg = "audio/ogg"; png = "image/png"; svg = "image/svg+xml";
	ttf = "font/ttf"; wasm = "application/wasm";
};

-- All files below a folder by their path in it; what a request names is only looked up here, never on the disk.
local function listed(folder, prefix, found)
	for name in lfs.dir(folder) do
		local path = folder .. "/" .. name;
		local kind = name:sub(1, 1) ~= "." and lfs.attributes(path, "mode");
		if kind == "directory" then
			listed(path, prefix .. name .. "/", found);
		elseif kind == "file" then
			found[prefix .. name] = { path = path; size = lfs.attributes(path, "size"); mime = MIME[name:match "%.(%w+)$"] };
		end
	end
	return found;
end

-- Returns a handler for what lies in `folder`; browsers may keep it as `caching` says.
local function serve(folder, caching)
	local known = listed(folder, "/", {});
	return function (event, path)
		local file = known["/" .. path:gsub("^/", "")];
		if not file or not file.mime then
			return 404;
		end
		local headers = event.response.headers;
		headers.content_type = file.mime;
		headers.cache_control = caching;
		headers.content_security_policy = "default-src 'none'; style-src 'unsafe-inline'";
		headers.cross_origin_resource_policy = "same-origin";
		headers.x_content_type_options = "nosniff";
		local small = known["/" .. path:gsub("^/", "") .. ".gz"];
		if small then
			headers.vary = "Accept-Encoding";
			if (event.request.headers.accept_encoding or ""):find("gzip", 1, true) then
				headers.content_encoding = "gzip";
				file = small;
			end
		end
		headers.content_length = ("%d"):format(file.size);
		return event.response:send_file(assert(io.open(file.path, "rb")));
	end;
end

return { serve = serve };
