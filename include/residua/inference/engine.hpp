// A network made ready to run.
#pragma once

#include <residua/core/arena.hpp>
#include <residua/networks/parameters.hpp>
#include <residua/simd/elementary.hpp>
#include <residua/simd/runs.hpp>

#include <span>
#include <string>

namespace residua::inline RESIDUA_ISA {

namespace detail {

// Values too small to be normal become zeros.
template <class T>
__attribute__((noinline)) void flush(std::span<T> values) {
    simd::each_of_run<T>(values.size(), [&]<class V>(Size i, std::type_identity<V>) RESIDUA_INLINE_LAMBDA {
        simd::write(values.data() + i, simd::flushed(simd::read<V>(values.data() + i)));
    });
}

}  // namespace detail

// Copies the parameters and prepares them (weights packed for the kernels, batch normalisation as a scale and a shift). Immutable
// while it runs, so that any number of threads may share it, each with a workspace of its own.
template <class Given>
class Inference {
public:
    using Net = typename detail::NetworkOf<Given>::type;
    using T = typename Net::Scalar;
    using K = typename Net::Kernels;
    using Root = typename Net::InferenceRoot;

    explicit Inference(const Parameters<Given>& parameters) : prepared_(rounded(Root::extent.prepared)), parameters_(parameters) {
        prepare();
    }

    template <class Other>
        requires(!std::same_as<Other, Given>)
    explicit Inference(const Parameters<Other>&) : Inference(detail::of_another_network<Given, Other, Parameters<Given>>()) {}

    // Takes other parameters; allocates nothing. No thread may be running the engine meanwhile.
    void update(const Parameters<Given>& parameters) {
        parameters_ = parameters;
        prepare();
    }

    // Memory for up to Capacity images and so many threads: one arena of Net::inference_bytes<Capacity>.
    template <int Capacity>
    class Workspace {
    public:
        static_assert(Capacity >= 1, "residua: a workspace holds at least one image");
        static constexpr int capacity = Capacity;
        static constexpr Size arena_bytes = Net::template inference_bytes<Capacity>;
        static constexpr Size worker_bytes = Net::inference_worker_bytes;

        explicit Workspace(Threads threads = 1)
            : team_(threads, worker_bytes), owned_(arena_bytes / sizeof(T)), arena_(owned_.data()) {}

        // On memory of the caller's. Error: it is smaller than arena_bytes, null, or not aligned to 64 bytes.
        explicit Workspace(std::span<std::byte> arena, Threads threads = 1)
            : team_(threads, worker_bytes), arena_(checked_arena<T>(arena, arena_bytes)) {}

        Workspace(const Workspace&) = delete;
        Workspace& operator=(const Workspace&) = delete;

    private:
        friend class Inference;

        Team team_;
        Buffer<T> owned_;
        T* arena_ = nullptr;
    };

    // Logits of the images ([n][channels][height][width], n up to Capacity): n rows of Net::output.size() values, in the
    // workspace until its next use. Allocates nothing. Error: `images` does not hold 1 to Capacity whole images.
    template <int Capacity>
    std::span<const T> operator()(std::span<const T> images, Workspace<Capacity>& workspace) const {
        const int n = checked_count(images.size(), Capacity);
        const auto part = [&](InferencePart which) { return workspace.arena_ + Net::inference_ledger.offset(which, Capacity); };
        T* input = part(InferencePart::input);
        T* logits = part(InferencePart::logits);
        T* rows = part(InferencePart::rows);

        Frame<T> f;
        f.parameters = parameters_.parameters();
        f.prepared = const_cast<T*>(prepared_.data());  // (read only in this mode)
        f.scratch_fixed = part(InferencePart::scratch_fixed);
        f.scratch = part(InferencePart::scratch);
        f.n = n;
        f.units = Root::extent.units;
        f.team = &workspace.team_;

        f.team->run(n, [&](int i, std::byte*) {
            const Size at = static_cast<Size>(i);
            K::to_blocked(images.data() + at * input_shape.size(), input_shape, input + at * Net::input_image);
        });
        Root::template forward<Mode::inference>(f, Input<T>{input}, Output<T>{logits});
        for (int i = 0; i < n; ++i) {
            const Size at = static_cast<Size>(i);
            K::from_blocked(logits + at * Net::output_image, output_shape, rows + at * output_shape.size());
        }
        return {rows, static_cast<Size>(n) * output_shape.size()};
    }

private:
    static constexpr Shape input_shape = Net::input_shape;
    static constexpr Shape output_shape = Net::output_shape;

    static int checked_count(Size values, int capacity) {
        const Size n = values / input_shape.size();
        if (n < 1 || n > static_cast<Size>(capacity) || n * input_shape.size() != values) {
            fail({"residua: an engine takes 1 to ", capacity, " images of ", input_shape.size(), " values, ", values,
                  " values were given"});
        }
        return static_cast<int>(n);
    }

    void prepare() {
        detail::flush(parameters_.values());
        Frame<T> f;
        f.parameters = parameters_.parameters();
        f.statistics = parameters_.statistics();
        f.prepared = prepared_.data();
        f.units = Root::extent.units;
        const Team alone{};
        f.team = &alone;
        Root::prepare(f);
    }

    Buffer<T> prepared_;
    Parameters<Given> parameters_;
};

}  // namespace residua::inline RESIDUA_ISA
