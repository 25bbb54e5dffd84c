// What lies where in an arena: one list of parts gives its size and every offset.
#pragma once

#include <residua/core/extent.hpp>

#include <array>

namespace residua::inline RESIDUA_ISA {

namespace detail {

// Bytes of an arena for so many images. (So many that no machine has them would wrap.)
constexpr Size most_bytes = Size{1} << 50;
template <class T>
constexpr bool arena_fits(int images, Need arena) {
    constexpr Size most = most_bytes / sizeof(T);
    return images >= 1 && arena.fixed <= most && arena.image <= most / static_cast<Size>(images);
}
template <class T>
constexpr Size arena_bytes(int images, Need arena) {
    return sizeof(T) * (arena.fixed + static_cast<Size>(images) * arena.image);
}

}  // namespace detail

// The parts of an arena for up to `images` images, one behind the other, named by an enumeration that ends with `count`. Each
// has a part whatever the batch and a part an image, in scalars, rounded.
template <class Part>
class Ledger {
public:
    static constexpr int parts = static_cast<int>(Part::count);

    constexpr void add(Part part, Need size) { sizes_[static_cast<Size>(part)] = {rounded(size.fixed), rounded(size.image)}; }

    // Where a part begins, and what lies before it: of all of them, Part::count.
    constexpr Need before(Part part) const {
        Need sum;
        for (int i = 0; i < static_cast<int>(part); ++i) sum = sum + sizes_[static_cast<Size>(i)];
        return sum;
    }
    constexpr Need total() const { return before(Part::count); }
    constexpr Size offset(Part part, int images) const {
        const Need position = before(part);
        return position.fixed + static_cast<Size>(images) * position.image;
    }

private:
    std::array<Need, static_cast<Size>(parts)> sizes_{};
};

// Of training. (The gradient of the input has a place only where the first layer cannot discard it.)
enum class TrainingPart { fixed, scratch_fixed, input, logits, logit_gradients, input_gradients, saved, scratch, count };

// Of inference. `rows`: the logits as the user reads them; `taps`: so is what units hand over.
enum class InferencePart { scratch_fixed, input, logits, rows, taps, scratch, count };

}  // namespace residua::inline RESIDUA_ISA
