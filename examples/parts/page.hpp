// A report: one HTML file, readable offline, with nothing outside it.
#pragma once

#include <string>
#include <vector>

namespace parts {

// A number that the report begins with: its name, its value and what more there is to say of it, as HTML.
std::string figure(const std::string& name, const std::string& value, const std::string& more);

struct Section {
    const char* id;  // a word of the page's own
    const char* heading;
    std::string content;  // HTML
};

// `title` and `lead` are text, `figures` are those above, one after the other.
std::string page(const std::string& title, const std::string& lead, const std::string& figures,
                 const std::vector<Section>& sections);

}  // namespace parts
