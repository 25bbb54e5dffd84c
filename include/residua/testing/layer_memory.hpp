// The memory of one layer under test, all of it guarded. It knows the layer by numbers alone: it is compiled once for a scalar,
// and not for every layer, shape and policy that are tried.
#pragma once

#include <residua/core/extent.hpp>
#include <residua/core/frame.hpp>
#include <residua/core/names.hpp>
#include <residua/core/shape.hpp>
#include <residua/core/team.hpp>
#include <residua/testing/guarded.hpp>
#include <residua/testing/numbers.hpp>

#include <algorithm>
#include <vector>

namespace residua::inline RESIDUA_ISA::testing {

// What a layer says of itself. (Moments of one image, [2][padded channels], are counted as the policy does.)
template <class T>
struct LayerSizes {
    Shape input;
    Shape output;
    int lanes;
    Extent extent;
    Need scratch;
    bool counts_moments;
    std::size_t worker_bytes;
    void (*moments)(const T* image, Shape, Range blocks, T* to);
};

template <class T>
class LayerMemory {
public:
    T* data(const TensorInfo& info) { return (is_statistic(info.role) ? statistics.data() : parameters.data()) + info.offset; }

    // Has the last forward<Mode::inference>() written where, in a network, no memory is? (With `stale` as it is at first.)
    bool inference_wrote_elsewhere() const { return !absent_.untouched() || !fixed_.untouched() || !saved_.untouched(); }

    // Has any call written around the memory that the layer asked for, its tensors, y or dx?
    bool wrote_beyond() const {
        const auto any = [](const auto&... memory) { return (memory.wrote_beyond() || ...); };
        return any(parameters_, gradients_, statistics_, prepared_, fixed_, saved_, scratch_fixed_, scratch_, blocked_x_,
                   blocked_y_, blocked_dx_, blocked_dy_, moments_);
    }

    // What a layer that counts moments gave in the last forward() or forward_onto(), and what its policy counts of the same
    // images.
    std::vector<T> moments_counted() const { return {moments_.data(), moments_.data() + moments_.room()}; }
    std::vector<T> moments_expected() const { return moments_of(blocked_y_, sizes_.output); }

    // Do lanes beyond the last channel hold zeros?
    bool padding_is_zero() const { return zero_beyond(blocked_y_, sizes_.output) && zero_beyond(blocked_dx_, sizes_.input); }

    int n;
    std::vector<T> parameters;
    std::vector<T> gradients;
    std::vector<T> statistics;
    std::vector<T> x;   // [n][channels][height][width]
    std::vector<T> dy;  // [n][channels][height][width]
    Draws draws{};

    // What lies in memory that nobody has written: NaN, or any number to find reads that NaN does not show (max(NaN, 0) is 0).
    T stale = Guarded<T>::nan;

    // Which residual unit of how many the layer stands in.
    Size unit = 0;
    Size units = 1;

protected:
    LayerMemory(const LayerSizes<T>& sizes, int images, const Threads& threads)
        : n(images),
          parameters(sizes.extent.parameters),
          gradients(sizes.extent.parameters),
          statistics(sizes.extent.statistics),
          x(static_cast<Size>(images) * sizes.input.size()),
          dy(static_cast<Size>(images) * sizes.output.size()),
          sizes_(sizes),
          parameters_(sizes.extent.parameters, Guarded<T>::nan, 1),
          gradients_(sizes.extent.parameters, T(-0.0), 1),
          statistics_(sizes.extent.statistics, T(-0.0), 1),
          prepared_(rounded(sizes.extent.prepared)),
          fixed_(rounded(sizes.extent.fixed)),
          saved_(all(rounded(sizes.extent.saved))),
          scratch_fixed_(rounded(sizes.scratch.fixed)),
          scratch_(all(rounded(sizes.scratch.image))),
          blocked_x_(all(wider())),
          blocked_y_(all(wider())),
          blocked_dx_(all(wider())),
          blocked_dy_(all(wider())),
          absent_(std::max(sizes.extent.parameters, sizes.extent.statistics)),
          moments_(sizes.counts_moments ? all(moments_of_an_image(sizes.output)) : 0),
          team_(threads, sizes.worker_bytes) {
        draws.seed = 7;
        blocked_dx_.lend(all(stored(sizes.input)), T(0));
    }

    void fill_tensor(Numbers& numbers, const TensorInfo& info) {
        T* values = data(info);
        const double middle = info.role == Role::bn_weight || info.role == Role::running_variance ? 1 : info.initial;
        const double reach = is_weight(info.role) ? 0.7 : 0.3;
        for (Size i = 0; i < info.size; ++i) values[i] = static_cast<T>(middle + reach * numbers.next());
    }
    void fill_images(Numbers& numbers) {
        for (T& value : x) value = static_cast<T>(1.5 * numbers.next());
        for (T& value : dy) value = static_cast<T>(numbers.next());
    }

    // A frame with the tensors as they are now, scratch as one call asks for it, both until give_back().
    Frame<T> lend(Need need) {
        parameters_.lend(parameters);
        gradients_.lend(gradients);
        statistics_.lend(statistics);
        scratch_fixed_.lend(rounded(need.fixed), stale);
        scratch_.lend(all(rounded(need.image)), stale);

        Frame<T> f;
        f.parameters = parameters_.data();
        f.gradients = gradients_.data();
        f.statistics = statistics_.data();
        f.prepared = prepared_.data();
        f.fixed = fixed_.data();
        f.saved = saved_.data();
        f.scratch_fixed = scratch_fixed_.data();
        f.scratch = scratch_.data();
        f.n = n;
        f.team = &team_;
        f.draws = draws;
        f.unit = unit;
        f.units = std::max(units, sizes_.extent.units);
        return f;
    }
    // Takes over what a layer made of the tensors.
    void give_back() {
        std::copy_n(gradients_.data(), gradients.size(), gradients.data());
        std::copy_n(statistics_.data(), statistics.size(), statistics.data());
    }

    void prepare_forward() {
        fixed_.lend(rounded(sizes_.extent.fixed), stale);
        saved_.lend(all(rounded(sizes_.extent.saved)), stale);
        blocked_y_.lend(all(stored(sizes_.output)), stale);
        moments_.lend(moments_.room(), Guarded<T>::nan);
    }
    void prepare_backward() { blocked_dx_.lend(all(stored(sizes_.input)), stale); }
    void prepare_inference() { prepared_.lend(rounded(sizes_.extent.prepared), stale); }
    // What there is not in inference.
    void take_away(Frame<T>& f) {
        absent_.lend(absent_.room(), Guarded<T>::nan);
        f.gradients = absent_.data();
        f.statistics = absent_.data();
    }
    T* wanted_moments() { return sizes_.counts_moments ? moments_.data() : nullptr; }

    void to_blocked(const std::vector<T>& plain, Shape shape, Guarded<T>& blocked) {
        blocked.lend(all(stored(shape)), T(0));
        for (Size i = 0; i < plain.size(); ++i) blocked.data()[place(shape, i)] = plain[i];
    }
    std::vector<T> from_blocked(const Guarded<T>& blocked, Shape shape) const {
        std::vector<T> plain(all(shape.size()));
        for (Size i = 0; i < plain.size(); ++i) plain[i] = blocked.data()[place(shape, i)];
        return plain;
    }
    std::vector<T> moments_of(const Guarded<T>& images, Shape shape) const {
        std::vector<T> result(all(moments_of_an_image(shape)));
        for (Size i = 0; i < static_cast<Size>(n); ++i) {
            sizes_.moments(images.data() + i * stored(shape), shape, Range{0, blocks_of(shape.channels, sizes_.lanes)},
                           result.data() + i * moments_of_an_image(shape));
        }
        return result;
    }

    LayerSizes<T> sizes_;
    Guarded<T> parameters_;
    Guarded<T> gradients_;
    Guarded<T> statistics_;
    Guarded<T> prepared_;
    Guarded<T> fixed_;
    Guarded<T> saved_;
    Guarded<T> scratch_fixed_;
    Guarded<T> scratch_;
    Guarded<T> blocked_x_;
    Guarded<T> blocked_y_;
    Guarded<T> blocked_dx_;
    Guarded<T> blocked_dy_;
    Guarded<T> absent_;  // in the place of gradients and statistics in inference
    Guarded<T> moments_;
    Team team_;

private:
    Size all(Size image) const { return image * static_cast<Size>(n); }
    Size stored(Shape shape) const { return residua::stored(shape, sizes_.lanes); }
    Size moments_of_an_image(Shape shape) const { return 2 * static_cast<Size>(padded(shape.channels, sizes_.lanes)); }

    // (x for y, or the reverse, is a mistake easily made: it stays within the room of an image.)
    Size wider() const { return std::max(stored(sizes_.input), stored(sizes_.output)); }

    // Where the i-th value of plain images is in blocked ones.
    Size place(Shape shape, Size i) const {
        const Size image = i / shape.size();
        const Size channel = i % shape.size() / shape.pixels();
        const Size pixel = i % shape.pixels();
        return image * stored(shape) + blocked_index(shape.pixels(), sizes_.lanes, static_cast<int>(channel), pixel);
    }

    bool zero_beyond(const Guarded<T>& blocked, Shape shape) const {
        for (Size i = 0; i < static_cast<Size>(n); ++i) {
            const T* image = blocked.data() + i * stored(shape);
            for (int c = shape.channels; c < padded(shape.channels, sizes_.lanes); ++c) {
                for (Size p = 0; p < shape.pixels(); ++p) {
                    if (!(image[blocked_index(shape.pixels(), sizes_.lanes, c, p)] == T(0))) return false;
                }
            }
        }
        return true;
    }
};

}  // namespace residua::inline RESIDUA_ISA::testing
