// Names of parameters and layers, made from a network's structure in PyTorch's style: layer2.0.conv1.weight, fc.bias.
#pragma once

#include <residua/core/error.hpp>
#include <residua/core/shape.hpp>

#include <array>
#include <initializer_list>
#include <string_view>

namespace residua::inline RESIDUA_ISA {

// A string literal as a template argument.
template <std::size_t N>
struct Text {
    char characters[N]{};

    constexpr Text(const char (&text)[N]) {
        for (Size i = 0; i < N; ++i) characters[i] = text[i];
    }
    constexpr std::string_view view() const { return {characters, N - 1}; }
};

// A short string that the compiler can build.
class Name {
public:
    static constexpr int longest = 127;

    constexpr std::string_view view() const { return {characters_, static_cast<std::size_t>(length_)}; }
    constexpr int length() const { return length_; }

    constexpr void append(std::string_view text) {
        if (length_ + static_cast<int>(text.size()) > longest) fail("residua: a name is too long: nesting is too deep");
        for (const char character : text) characters_[length_++] = character;
    }
    constexpr void append(int number) {
        char digits[12]{};
        int count = 0;
        do {
            digits[count++] = static_cast<char>('0' + number % 10);
            number /= 10;
        } while (number > 0);
        while (count > 0) append(std::string_view(&digits[--count], 1));
    }
    constexpr void truncate(int length) { length_ = length; }

private:
    char characters_[longest + 1]{};
    int length_ = 0;
};

// What a tensor of a network is for, which decides what it starts from and whether it decays.
enum class Role {
    weight,  // outputs, inputs, ...: drawn by the rule of initialisation, decays always
    bias,    // the others start from what their layer says, and decay where all parameters do
    bn_weight,
    bn_bias,
    parameter,     // trained, and none of those
    running_mean,  // not trained
    running_variance,
    identity_weight  // a weight that starts from the identity
};

constexpr bool is_weight(Role role) { return role == Role::weight || role == Role::identity_weight; }

constexpr bool is_statistic(Role role) { return role == Role::running_mean || role == Role::running_variance; }

// One parameter tensor, or one running statistic.
struct TensorInfo {
    Name name{};
    Role role = Role::weight;
    std::array<int, 4> dimensions{};  // as in PyTorch; `rank` of them count
    int rank = 0;
    Size offset = 0;  // in scalars, in the block of parameters or in that of statistics
    Size size = 0;
    double initial = 0;  // what it starts from, but for weights
};

// A number that a layer computes with and that stands in none of its tensors: {"stride", 2}, {"probability", 0.5}.
struct LayerSetting {
    std::string_view name;
    double value = 0;
};

// All such numbers of a layer, in braces or in an array of the layer's: looked at while they are described, and not kept.
class LayerSettings {
public:
    constexpr LayerSettings() = default;
    constexpr LayerSettings(std::initializer_list<LayerSetting> braces) {
        begin_ = braces.begin();
        end_ = braces.end();
    }
    template <std::size_t N>
    constexpr LayerSettings(const std::array<LayerSetting, N>& array) : begin_(array.data()), end_(array.data() + N) {}

    constexpr const LayerSetting* begin() const { return begin_; }
    constexpr const LayerSetting* end() const { return end_; }

private:
    const LayerSetting* begin_ = nullptr;
    const LayerSetting* end_ = nullptr;
};

// One layer with its shapes, as a table of a network shows it.
struct LayerInfo {
    Name name{};
    std::string_view kind;
    Shape in{};
    Shape out{};
    Size parameters = 0;
    Size macs = 0;
};

// What wants to know a network's tensors and layers, in the order of its memory and of its data. (Virtual, so that a network's
// description is compiled once and not once for each visitor: that was a quarter of all code of a training program.)
class NetworkVisitor {
public:
    constexpr virtual void tensor(const TensorInfo&) {}
    constexpr virtual void layer(const LayerInfo&, LayerSettings) {}

    // A residual unit, before what stands in it.
    constexpr virtual void unit(const Name&, Shape /*out*/) {}

    // Where paths part and meet. Of a residual: "branch", what is on it, "shortcut", what is on it, "addition".
    constexpr virtual void joint(std::string_view) {}

protected:
    ~NetworkVisitor() = default;
};

// Walks a network in the order of its memory, gives each tensor and each layer its name, and hands it to a visitor.
class Namer {
    struct Scope {
        int convolutions = 0;
        int normalisations = 0;
        int linears = 0;
        int others = 0;
        int stages = 0;
        int units = 0;
        int index = 0;
        bool numbers_kinds = true;
        bool in_stage = false;
    };

public:
    constexpr explicit Namer(NetworkVisitor& visitor) : visitor_(visitor) {}
    Namer(const Namer&) = delete;
    Namer& operator=(const Namer&) = delete;

    // While it lives, whatever is described stands below a word.
    class [[nodiscard]] Opened {
    public:
        constexpr Opened(Namer& namer, int length, const Scope& outer) : namer_(namer), length_(length), outer_(outer) {}
        constexpr ~Opened() {
            namer_.scope_ = outer_;
            namer_.prefix_.truncate(length_);
        }
        Opened(const Opened&) = delete;
        Opened& operator=(const Opened&) = delete;

    private:
        Namer& namer_;
        int length_;
        Scope outer_;
    };

    constexpr Opened open(std::string_view word, bool numbers_kinds = true) {
        const int length = prefix_.length();
        prefix_.append(word);
        return below(length, Scope{.numbers_kinds = numbers_kinds});
    }

    // layer1, layer2, ...: inside, units are called by their bare number.
    constexpr Opened stage() {
        const int length = prefix_.length();
        prefix_.append("layer");
        prefix_.append(++scope_.stages);
        return below(length, Scope{.in_stage = true});
    }

    // A residual unit: 0, 1, ... inside a stage, unit1, unit2, ... elsewhere. What is repeated and is none has such a name, too.
    constexpr Opened unit(Shape out) {
        const int length = prefix_.length();
        append_unit(scope_.units++);
        visitor_.unit(prefix_, out);
        return below(length, Scope{});
    }
    constexpr Opened repeated() {
        const int length = prefix_.length();
        append_unit(scope_.units++);
        return below(length, Scope{});
    }

    // A layer of its own: conv1, bn2, fc; or 0, 1, ... in a scope that numbers whatever stands in it. Its tensors are described
    // while the result lives.
    __attribute__((noinline)) constexpr Opened leaf(std::string_view kind, Shape in, Shape out, Size parameters, Size macs,
                                                    LayerSettings settings = {}) {
        const int length = prefix_.length();
        append_leaf(kind);
        visitor_.layer(LayerInfo{prefix_, kind, in, out, parameters, macs}, settings);
        return below(length, scope_);
    }

    // A layer without parameters: shown in tables, numbered by its kind.
    __attribute__((noinline)) constexpr void leaf(std::string_view kind, Shape in, Shape out, LayerSettings settings = {}) {
        const int length = prefix_.length();
        prefix_.append(kind);
        visitor_.layer(LayerInfo{prefix_, kind, in, out, 0, 0}, settings);
        prefix_.truncate(length);
    }

    // A layer made of layers that are described while the result lives: se1.conv1, se1.conv2. Counting begins anew inside.
    constexpr Opened block(std::string_view kind) {
        const int length = prefix_.length();
        append_leaf(kind);
        return below(length, Scope{});
    }

    constexpr void joint(std::string_view word) { visitor_.joint(word); }

    __attribute__((noinline)) constexpr void tensor(std::string_view word, Role role, std::array<int, 4> dimensions, int rank,
                                                    double initial = 0) {
        Size size = 1;
        for (int i = 0; i < rank; ++i) size *= static_cast<Size>(dimensions[static_cast<Size>(i)]);

        Size& offset = is_statistic(role) ? statistics_ : parameters_;
        TensorInfo info{prefix_, role, dimensions, rank, offset, size, initial};
        info.name.append(word);
        visitor_.tensor(info);
        offset += size;
    }

private:
    // (Guaranteed elision: an Opened is made where it is returned to.)
    constexpr Opened below(int length, const Scope& inner) {
        prefix_.append(".");
        const Scope outer = scope_;
        scope_ = inner;
        return Opened(*this, length, outer);
    }

    constexpr void append_unit(int index) {
        if (!scope_.in_stage) prefix_.append("unit");
        prefix_.append(scope_.in_stage ? index : index + 1);
    }

    constexpr void append_leaf(std::string_view kind) {
        if (!scope_.numbers_kinds) {
            prefix_.append(scope_.index++);
        } else if (kind == "conv") {
            prefix_.append(kind);
            prefix_.append(++scope_.convolutions);
        } else if (kind == "bn") {
            prefix_.append(kind);
            prefix_.append(++scope_.normalisations);
        } else if (kind == "fc") {
            prefix_.append(kind);
            if (++scope_.linears > 1) prefix_.append(scope_.linears);
        } else {
            prefix_.append(kind);
            prefix_.append(++scope_.others);
        }
    }

    NetworkVisitor& visitor_;
    Name prefix_{};
    Scope scope_{};
    Size parameters_ = 0;
    Size statistics_ = 0;
};

}  // namespace residua::inline RESIDUA_ISA
