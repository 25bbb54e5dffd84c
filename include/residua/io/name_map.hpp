// From a network's names of its tensors to a file's, by a few rules.
#pragma once

#include <residua/core/error.hpp>
#include <residua/io/printable.hpp>

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace residua::inline RESIDUA_ISA::io {

// What one kind of tensor is called: a pattern of the network's names, and the file's name for what fits it.
//
//   #   a whole number; in the file's name the same number, or with `#+1`, `#-3` one so much larger or smaller
//   *   whatever follows, at the end alone
//
//   {"layer#.#.bn#.*", "stages.#-1.blocks.#.norm#.*"}     layer3.0.bn2.weight is stages.2.blocks.0.norm2.weight
struct NameRule {
    std::string_view in_network;
    std::string_view in_file;
};

// From a network's name of a tensor to a file's: the first rule whose pattern fits the whole name says it, and a name that no
// rule fits stays as it is.
//
//   constexpr io::NameMap mine{{"fc.*", "classifier.*"}, {"layer#.#.shortcut.*", "layer#.#.projection.*"}};
//   io::load(parameters, "others.safetensors", mine);
//
// The rules' texts are not copied: they outlive the map, as literals do.
class NameMap {
public:
    static constexpr std::size_t most_rules = 32;

    // Errors: more than most_rules; a `*` that is not at the end; a file's name that has not the numbers and the `*` of its
    // pattern. (In a constant they do not compile.)
    constexpr NameMap(std::initializer_list<NameRule> rules) : count_(rules.size()) {
        if (count_ > most_rules)
            throw Error("residua: a map of names: expected at most 32 rules, found " + std::to_string(count_));
        std::size_t at = 0;
        for (const NameRule& rule : rules) {
            if (!is_sound(rule)) {
                throw Error(
                    "residua: a map of names: expected the same numbers # and at the end the same * on both sides, found " +
                    in_quotes(rule.in_network) + " and " + in_quotes(rule.in_file));
            }
            rules_[at++] = rule;
        }
    }

    std::string operator()(const std::string& name) const {
        std::vector<std::string_view> found;
        for (std::size_t i = 0; i < count_; ++i) {
            if (fits(rules_[i].in_network, name, found)) return filled_in(rules_[i].in_file, found);
        }
        return name;
    }

private:
    static constexpr bool is_digit(char character) { return character >= '0' && character <= '9'; }

    static constexpr bool is_sound(const NameRule& rule) {
        const auto rest_is_last = [](std::string_view text) { return text.find('*') >= text.size() - (text.empty() ? 0 : 1); };
        const auto numbers = [](std::string_view text) {
            std::size_t count = 0;
            for (const char character : text) count += character == '#';
            return count;
        };
        return rest_is_last(rule.in_network) && rest_is_last(rule.in_file) && numbers(rule.in_network) == numbers(rule.in_file) &&
               rule.in_network.ends_with('*') == rule.in_file.ends_with('*');
    }

    // Whether the whole name fits, and then what stands for each # and *.
    static bool fits(std::string_view pattern, std::string_view name, std::vector<std::string_view>& found) {
        found.clear();
        std::size_t at = 0;
        for (const char expected : pattern) {
            if (expected == '*') {
                found.push_back(name.substr(at));
                return true;
            }
            if (expected == '#') {
                const std::size_t begin = at;
                while (at < name.size() && is_digit(name[at])) ++at;
                if (at == begin) return false;
                found.push_back(name.substr(begin, at - begin));
            } else if (at < name.size() && name[at] == expected) {
                ++at;
            } else {
                return false;
            }
        }
        return at == name.size();
    }

    static std::string filled_in(std::string_view text, const std::vector<std::string_view>& found) {
        std::string result;
        auto next = found.begin();
        for (std::size_t i = 0; i < text.size();) {
            const char character = text[i++];
            if (character != '#' && character != '*') {
                result += character;
                continue;
            }
            const std::string_view there = *next++;
            const bool shifts =
                character == '#' && i + 1 < text.size() && (text[i] == '+' || text[i] == '-') && is_digit(text[i + 1]);
            if (!shifts) {
                result += there;
                continue;
            }
            const bool up = text[i++] == '+';
            long long by = 0;
            while (i < text.size() && is_digit(text[i])) by = 10 * by + (text[i++] - '0');
            const long long number = std::stoll(std::string(there));
            result += std::to_string(up ? number + by : number - by);
        }
        return result;
    }

    std::array<NameRule, most_rules> rules_{};
    std::size_t count_ = 0;
};

}  // namespace residua::inline RESIDUA_ISA::io
