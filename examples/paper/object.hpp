// A JSON object that is read key by key: what is missing, of another kind or never asked for is an error that names its place.
#pragma once

#include <residua/core/error.hpp>

#include <nlohmann/json.hpp>

#include <cmath>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace paper {

class Object {
public:
    // The object that a text is. `where` is how errors call it. Error: it is none.
    static Object parsed(std::string_view text, const std::string& where) {
        nlohmann::json json = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
        if (json.is_discarded()) {
            // (Once more, for the words: which line, which character.)
            std::string why;
            try {
                json = nlohmann::json::parse(text.begin(), text.end());
            } catch (const nlohmann::json::exception& error) {
                why = error.what();
            }
            throw residua::Error(where + ": expected JSON, found something else: " + why);
        }
        if (!json.is_object()) throw residua::Error(where + ": expected an object, found " + kind_of(json));
        return Object(std::move(json), where);
    }

    [[noreturn]] void fail(const std::string& why) const { throw residua::Error(where_ + ": " + why); }
    const std::string& where() const { return where_; }
    std::string where(const std::string& key) const { return where_ + ": " + key; }

    bool has(const std::string& key) const { return json_.contains(key); }
    bool is_text(const std::string& key) const { return has(key) && json_[key].is_string(); }

    std::string text(const std::string& key) { return at(key, "a text", json_text).template get<std::string>(); }
    std::string text_or(const std::string& key, const std::string& otherwise) { return has(key) ? text(key) : otherwise; }

    double number(const std::string& key) {
        const double value = at(key, "a number", json_number).template get<double>();
        if (!std::isfinite(value)) throw residua::Error(where(key) + ": expected a finite number, found one that is not");
        return value;
    }
    double number_or(const std::string& key, double otherwise) { return has(key) ? number(key) : otherwise; }

    // A whole number of `low` to `high`.
    int whole_or(const std::string& key, int otherwise, int low, int high) {
        if (!has(key)) return otherwise;
        const double value = number(key);
        if (value == std::floor(value) && value >= low && value <= high) return static_cast<int>(value);
        throw residua::Error(where(key) + ": expected a whole number of " + std::to_string(low) + " to " + std::to_string(high) +
                             ", found " + json_[key].dump());
    }

    bool flag_or(const std::string& key, bool otherwise) {
        return has(key) ? at(key, "true or false", json_flag).template get<bool>() : otherwise;
    }

    Object object(const std::string& key) { return Object(at(key, "an object", json_object), where(key)); }
    std::vector<Object> objects(const std::string& key) {
        std::vector<Object> result;
        for (const nlohmann::json& entry : at(key, "a list of objects", json_list)) {
            const std::string place = where(key) + " " + std::to_string(result.size() + 1);
            if (!entry.is_object()) throw residua::Error(place + ": expected an object, found " + kind_of(entry));
            result.push_back(Object(entry, place));
        }
        return result;
    }
    std::vector<std::string> texts(const std::string& key) {
        std::vector<std::string> result;
        for (const nlohmann::json& entry : at(key, "a list of texts", json_list)) {
            if (!entry.is_string()) throw residua::Error(where(key) + ": expected texts, found " + kind_of(entry));
            result.push_back(entry.get<std::string>());
        }
        return result;
    }

    // Error: a key that nobody has asked for, with those that somebody has.
    void expect_nothing_else() const {
        for (const auto& [key, value] : json_.items()) {
            if (asked_.count(key) == 0) fail("found the key '" + key + "', which means nothing here");
        }
    }

private:
    Object(nlohmann::json json, std::string where) : json_(std::move(json)), where_(std::move(where)) {}

    static bool json_text(const nlohmann::json& json) { return json.is_string(); }
    static bool json_number(const nlohmann::json& json) { return json.is_number(); }
    static bool json_flag(const nlohmann::json& json) { return json.is_boolean(); }
    static bool json_object(const nlohmann::json& json) { return json.is_object(); }
    static bool json_list(const nlohmann::json& json) { return json.is_array(); }
    static std::string kind_of(const nlohmann::json& json) { return std::string("a value of the kind ") + json.type_name(); }

    const nlohmann::json& at(const std::string& key, const char* expected, bool (*fits)(const nlohmann::json&)) {
        asked_.insert(key);
        if (!has(key)) throw residua::Error(where(key) + ": expected " + expected + ", found nothing");
        if (!fits(json_[key])) throw residua::Error(where(key) + ": expected " + expected + ", found " + kind_of(json_[key]));
        return json_[key];
    }

    nlohmann::json json_;
    std::string where_;
    std::unordered_set<std::string> asked_;
};

}  // namespace paper
