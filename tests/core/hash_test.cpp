#include <doctest/doctest.h>

#include <residua/core/hash.hpp>

namespace residua {
namespace {

constexpr std::uint64_t hash_of(std::string_view text) {
    Fnv1a hash;
    hash.add(text);
    return hash.value();
}

// The authors' known answers (draft-eastlake-fnv, test vectors).
static_assert(hash_of("") == 0xcbf29ce484222325);
static_assert(hash_of("a") == 0xaf63dc4c8601ec8c);
static_assert(hash_of("foobar") == 0x85944171f73967e8);

TEST_CASE("a hash is of the bytes, whatever parts they come in") {
    using namespace std::string_view_literals;
    const std::string_view text = "foo\xFF\0bar"sv;
    Fnv1a whole;
    whole.add(text);
    Fnv1a parts;
    parts.add(std::as_bytes(std::span(text.substr(0, 3))));
    parts.add(std::string_view());
    parts.add(text.substr(3));
    CHECK(parts.value() == whole.value());
}

}  // namespace
}  // namespace residua
