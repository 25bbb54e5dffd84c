// A number that tells networks apart.
#pragma once

#include <residua/core/hash.hpp>
#include <residua/networks/network.hpp>

#include <span>
#include <string_view>

namespace residua::inline RESIDUA_ISA::io {

namespace detail {

// Hashes a network's description. What is added begins with a letter of its own and its lengths, so that no two descriptions
// are one row of bytes.
class Fingerprint final : public NetworkVisitor {
public:
    void tensor(const TensorInfo& info) override {
        add("t", info.name.view());
        add(static_cast<double>(info.role));
        add(info.rank);
        for (const int extent : info.dimensions) add(extent);
        add(info.initial);
    }
    void layer(const LayerInfo& info, LayerSettings settings) override {
        add("l", info.name.view());
        add("k", info.kind);
        shape(info.in);
        shape(info.out);
        for (const LayerSetting& setting : settings) {
            add("o", setting.name);
            add(setting.value);
        }
    }
    void joint(std::string_view word) override { add("j", word); }

    void shape(Shape s) {
        for (const int extent : {s.channels, s.height, s.width}) add(extent);
    }
    void add(double value) { sum_.add(std::as_bytes(std::span(&value, 1))); }
    std::uint64_t value() const { return sum_.value(); }

private:
    void add(std::string_view letter, std::string_view text) {
        sum_.add(letter);
        add(static_cast<double>(text.size()));
        sum_.add(text);
    }

    Fnv1a sum_;
};

}  // namespace detail

// Tells networks apart: of the scalar type, every tensor, every layer with its shapes and options, and how paths part and meet.
// Kernels and recomputation do not count, for they change no function.
template <class Net>
std::uint64_t fingerprint() {
    detail::Fingerprint visitor;
    visitor.add(sizeof(typename Net::Scalar));
    visitor.shape(Net::input_shape);
    Namer namer(visitor);
    Net::Root::describe(namer);
    visitor.shape(Net::output_shape);
    return visitor.value();
}

}  // namespace residua::inline RESIDUA_ISA::io
