-- One text for the same data, however a backend writes it down: what equal data are.
-- All backends are taken at what the least exact of them keeps: databases cut the time of a message to the second and
-- numbers to 14 digits, XML knows one kind of line end, and an empty table is as good as none.
local st = require "prosody.util.stanza";

local canonical = {};

local function text_of(text)
	return (text:gsub("\r\n?", "\n"));
end

local function attributes(stanza)
	local found = {};
	for name, value in pairs(stanza.attr) do
		if name ~= "xmlns" then
			found[#found + 1] = ("%q=%q"):format(name, (value:gsub("[\r\n\t]", " ")));
		end
	end
	table.sort(found);
	return table.concat(found, " ");
end

-- The namespace is written at each element: whether it is inherited is a matter of spelling.
local function element(stanza, namespace, out)
	namespace = stanza.attr.xmlns or namespace;
	out[#out + 1] = ("<{%s}%s %s>"):format(namespace, stanza.name, attributes(stanza));
	local text = {};
	local function flush()
		if #text > 0 then
			out[#out + 1] = ("%q"):format(text_of(table.concat(text)));
			text = {};
		end
	end
	for _, child in ipairs(stanza) do
		if type(child) == "table" then
			flush();
			element(child, namespace, out);
		elseif child ~= "" then
			text[#text + 1] = child;
		end
	end
	flush();
	out[#out + 1] = "</>";
end

local value_of;

local function pairs_of(value, out)
	local found = {};
	for key, item in pairs(value) do
		local inner = {};
		value_of(key, inner);
		inner[#inner + 1] = "=";
		value_of(item, inner);
		found[#found + 1] = table.concat(inner);
	end
	table.sort(found);
	out[#out + 1] = "{" .. table.concat(found, ",") .. "}";
end

function value_of(value, out)
	if st.is_stanza(value) then
		element(value, "", out);
	elseif type(value) == "table" then
		pairs_of(value, out);
	elseif type(value) == "number" then
		out[#out + 1] = ("%.14g"):format(value);
	else
		out[#out + 1] = ("%q"):format(value);
	end
end

-- Returns the text of a value as stores give it.
function canonical.value(value)
	local out = {};
	value_of(value, out);
	return table.concat(out);
end

-- Returns the text of an archived item.
function canonical.item(key, value, when, with)
	return ("%q %d %q %s"):format(key, math.floor(when), with or "", canonical.value(value));
end

return canonical;
