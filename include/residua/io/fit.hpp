// Which of a file's tensors are a network's, which do not fit it, and which need not.
#pragma once

#include <residua/io/safetensors.hpp>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace residua::inline RESIDUA_ISA::io {

// Names in a file that are no network's tensors: an input and its logits (test_vector.hpp).
inline constexpr std::string_view test_vector_prefix = "test_vector.";

namespace detail {

// Names that begin with one of some texts.
struct Beginnings {
    std::vector<std::string> beginnings;

    bool contains(std::string_view name) const {
        return std::any_of(beginnings.begin(), beginnings.end(),
                           [&](const std::string& beginning) { return name.starts_with(beginning); });
    }
};

}  // namespace detail

// The tensors that a load leaves as they are: those of the network whose names begin with one of these ("fc.", the classifier).
struct LeaveOut : detail::Beginnings {
    LeaveOut(std::initializer_list<std::string> names) : Beginnings{names} {}
};

// The tensors that a load passes over, as another network's: those of the file whose names there begin with one of these
// ("value_head."). There need be none.
struct PassOver : detail::Beginnings {
    PassOver(std::initializer_list<std::string> names) : Beginnings{names} {}
};

namespace detail {

// A tensor of a network's, and what the file calls it.
struct WantedTensor {
    std::string name;
    std::string name_in_file;
    std::vector<std::int64_t> shape;
    bool left_out = false;  // what the file has under that name is passed over
};

// Do tensors of these shapes hold the same numbers in the same order and mean the same? A linear layer and a 1x1 convolution do:
// [1000, 2048] and [1000, 2048, 1, 1].
inline bool are_alike(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
    const auto is_pointwise = [](const std::vector<std::int64_t>& shape) {
        return shape.size() == 4 && shape[2] == 1 && shape[3] == 1;
    };
    if (a.size() == 2 && is_pointwise(b)) return a[0] == b[0] && a[1] == b[1];
    if (b.size() == 2 && is_pointwise(a)) return a[0] == b[0] && a[1] == b[1];
    return a == b;
}

// What one kind of trouble is called, and its first cases.
class Troubles {
public:
    static constexpr std::size_t most_shown = 8;

    explicit Troubles(std::string_view kind) : kind_(kind) {}

    void add(const std::string& what) {
        if (++count_ > most_shown) return;
        shown_ += (count_ > 1 ? ", " : "") + what;
    }

    // "\n  3 missing: a, b, c", or nothing.
    std::string text() const {
        if (count_ == 0) return "";
        const std::string more = count_ > most_shown ? " and " + std::to_string(count_ - most_shown) + " more" : "";
        return "\n  " + std::to_string(count_) + " " + std::string(kind_) + ": " + shown_ + more;
    }

private:
    std::string_view kind_;
    std::string shown_;
    std::size_t count_ = 0;
};

// Error unless the file holds each wanted tensor but those left out, as floats of its shape, each under a name of its own, and no
// others but those that are passed over: one message for all that does not fit. (PyTorch's num_batches_tracked and a test vector
// are passed over, too.)
inline void expect_fit(const SafetensorsFile& file, const std::vector<WantedTensor>& wanted, const PassOver& passed_over) {
    Troubles missing("missing");
    Troubles unexpected("not of this network");
    Troubles misshaped("of another shape or type");
    Troubles twice("that two tensors of the network share");
    std::map<std::string_view, std::string_view> known;  // names in the file, and whose they are; nobody's, if left out
    for (const WantedTensor& tensor : wanted) {
        std::string_view& owner = known[tensor.name_in_file];
        if (tensor.left_out) continue;
        if (!owner.empty()) {
            twice.add(in_quotes(tensor.name_in_file) + " for " + in_quotes(owner) + " and " + in_quotes(tensor.name));
            continue;
        }
        owner = tensor.name;
        const auto found = file.tensors().find(tensor.name_in_file);
        if (found == file.tensors().end()) {
            const bool renamed = tensor.name != tensor.name_in_file;
            missing.add(in_quotes(tensor.name_in_file) + " " + text_of(tensor.shape) +
                        (renamed ? " for " + in_quotes(tensor.name) : ""));
            continue;
        }
        const StoredTensor& stored = found->second;
        if (are_alike(tensor.shape, stored.shape) && stored.type != "I64") continue;
        misshaped.add(in_quotes(tensor.name_in_file) + ", expected " + text_of(tensor.shape) + ", found " +
                      (stored.type == "I64" ? "I64 " : "") + text_of(stored.shape));
    }
    for (const auto& [name, stored] : file.tensors()) {
        const bool is_no_weight = name.ends_with("num_batches_tracked") || name.starts_with(test_vector_prefix);
        if (is_no_weight || passed_over.contains(name) || known.contains(name)) continue;
        unexpected.add(in_quotes(name) + " " + text_of(stored.shape));
    }

    const std::string troubles = twice.text() + missing.text() + misshaped.text() + unexpected.text();
    if (!troubles.empty()) file.fail("expected the tensors of this network, found others" + troubles);
}

}  // namespace detail

}  // namespace residua::inline RESIDUA_ISA::io
