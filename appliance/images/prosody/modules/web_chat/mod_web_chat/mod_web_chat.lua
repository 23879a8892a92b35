-- Chat in the browser at /chat: Converse.js out of this image, for people of this host alone; or, on a host for guests
-- (mod_guest_house), for those, in the rooms that are open to them.
-- Nothing is loaded from anybody else, which the page's own policy (CSP) makes the browser see to. It looks like all
-- pages of this server (mod_page_frame).
local converse = module:require "converse";
local files = module:require "files";

local is_for_guests = module:get_option_string("authentication") == "anonymous";

local function resource(name)
	local file <close> = assert(module:load_resource("html/" .. name .. ".html"));
	return file:read "a";
end

local function not_here()
	return 404;
end

local function shown()
	if not converse.version then
		module:log("info", "This image was built without web chat");
		return not_here;
	elseif is_for_guests then
		return module:require "guests".pages(resource "guest_head", resource "guest", resource "rooms");
	end
	module:add_item("web-chat", { url = converse.home, icon = converse.icon });
	return module:require "people".pages(resource "page");
end

local show = shown();

module:provides("http", {
	name = "web_chat";
	default_path = "/chat";
	-- the pages of others get nothing of it to see
	cors = { enabled = false };
	route = {
		GET = show;
		["GET /"] = show;
		["GET /page/*"] = files.serve(module:get_directory() .. "/static", "no-cache");
		["GET /" .. (converse.version or "none") .. "/*"] = converse.version
			and files.serve(converse.folder, "public, max-age=31536000, immutable")
			or nil;
	};
});
