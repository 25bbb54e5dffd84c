// A network made ready to run.
#pragma once

#include <residua/core/arena.hpp>
#include <residua/core/pages.hpp>
#include <residua/inference/pixels.hpp>
#include <residua/inference/taps.hpp>
#include <residua/kernels/pixels.hpp>
#include <residua/networks/parameters.hpp>
#include <residua/simd/elementary.hpp>
#include <residua/simd/runs.hpp>

#include <span>
#include <utility>

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

// Prepares parameters for running (weights packed for the kernels, batch normalisation folded into them or made a scale and a
// shift). Immutable while it runs, so that any number of threads may share it, each with a workspace of its own.
//
// Of the parameters it keeps in memory what layers read as it is (the classifier's weights, those of a user's layers); what is
// packed is given back page by page while the rest is prepared, where the system has pages. So an engine takes as much memory as
// its weights, and no more while it is made of parameters that are handed over:
//
//   const Inference<Net> engine(io::parameters_of<Net>("weights.safetensors"), /*threads=*/2);
//
// Tapped: names of units, or of stages, which stand for their last one, that hand over what comes out of them: Inference<Net,
// "layer2.0", "layer4">. (A ReLU that stands behind such a unit, and not in it, is a pass of its own then.)
template <class Given, Text... Tapped>
class Inference {
public:
    using Net = typename detail::NetworkOf<Given>::type;
    using T = typename Net::Scalar;
    using K = typename Net::Kernels;
    using Taps = detail::Taps<Net, Tapped...>;
    using Root = typename Taps::Root;
    static_assert(((sizeof(detail::KnownUnit<Taps::template knows<Tapped>>) > 0) && ...));

    // What comes out of a unit, or of a stage's last one, of one image.
    template <Text Name>
    static constexpr Shape shape_at = [] {
        static_assert(sizeof(detail::KnownUnit<Taps::template knows<Name>>) > 0);
        return Taps::template unit<Name>.out;
    }();

    // On so many threads, with the same bits on any number. A copy of the parameters, or themselves.
    explicit Inference(const Parameters<Given>& parameters, const Threads& threads = 1)
        : Inference(Parameters<Given>(parameters), threads) {}
    explicit Inference(Parameters<Given>&& parameters, const Threads& threads = 1)
        : prepared_(rounded(Root::extent.prepared)), parameters_(std::move(parameters)) {
        prepare(threads);
    }

    template <class Other>
        requires(!std::same_as<Other, Given>)
    explicit Inference(const Parameters<Other>&, const Threads& = 1)
        : Inference(detail::of_another_network<Given, Other, Parameters<Given>>()) {}

    // Takes other parameters; on one thread it allocates nothing. No thread may be running the engine meanwhile.
    void update(const Parameters<Given>& parameters, const Threads& threads = 1) {
        parameters_ = parameters;
        prepare(threads);
    }

    // Memory for up to Capacity images and so many threads: one arena (Net::inference_bytes<Capacity>, and what is tapped), and
    // worker_bytes for each thread.
    template <int Capacity>
    class Workspace {
    public:
        static_assert(Capacity >= 1, "residua: a workspace holds at least one image");
        static constexpr int capacity = Capacity;
        static constexpr Size arena_bytes = Taps::template bytes<Capacity>();
        static constexpr Size worker_bytes = Net::template inference_worker_bytes<Capacity>;
        static constexpr Size bytes = arena_bytes + worker_bytes;  // with one thread: all that it takes

        explicit Workspace(Threads threads = 1)
            : team_(threads, worker_bytes), owned_(arena_bytes / sizeof(T)), arena_(owned_.data()) {}

        // On memory of the caller's. Error: it is smaller than arena_bytes, null, or not aligned to 64 bytes.
        explicit Workspace(std::span<std::byte> arena, Threads threads = 1)
            : team_(threads, worker_bytes), arena_(checked_arena<T>(arena, arena_bytes)) {}

        Workspace(const Workspace&) = delete;
        Workspace& operator=(const Workspace&) = delete;

        // What came out of a tapped unit in the last call, [n][channels][height][width], until the next one.
        template <Text Name>
        std::span<const T> at() const {
            constexpr int tap = Taps::called(Name.view());
            static_assert(tap >= 0 || !Net::valid, "residua: expected one of the names that the engine's type taps");
            if constexpr (tap >= 0) {
                return {arena_ + Taps::offset(tap, Capacity), static_cast<Size>(images_) * Taps::template unit<Name>.out.size()};
            } else {
                return {};
            }
        }

    private:
        friend class Inference;

        Team team_;
        Buffer<T> owned_;
        T* arena_ = nullptr;
        int images_ = 0;  // of the last call
    };

    // Logits of the images ([n][channels][height][width], n up to Capacity): n rows of Net::output.size() values, in the
    // workspace until its next use. Allocates nothing. Error: `images` does not hold 1 to Capacity whole images.
    template <int Capacity>
    std::span<const T> operator()(std::span<const T> images, Workspace<Capacity>& workspace) const {
        expect_images(images.size(), Capacity);
        return logits_of(images, workspace);
    }

    // The same of 8-bit pixels, [n][height][width][channels].
    template <class Normalisation, int Capacity>
    std::span<const T> operator()(Pixels<Normalisation> images, Workspace<Capacity>& workspace) const {
        expect_images(images.values.size(), Capacity);
        return logits_of(images, workspace);
    }

    // The same for who can do without errors, in a real-time thread for one: throws nothing, and gives no logits at all where
    // operator() would tell of an error. (A workspace that two threads use at once ends the program, and so does a layer of a
    // user's that throws.)
    template <int Capacity>
    std::span<const T> infer(std::span<const T> images, Workspace<Capacity>& workspace) const noexcept {
        return are_images(images.size(), Capacity) ? logits_of(images, workspace) : std::span<const T>();
    }
    template <class Normalisation, int Capacity>
    std::span<const T> infer(Pixels<Normalisation> images, Workspace<Capacity>& workspace) const noexcept {
        return are_images(images.values.size(), Capacity) ? logits_of(images, workspace) : std::span<const T>();
    }

private:
    static constexpr Shape input_shape = Net::input_shape;
    static constexpr Shape output_shape = Net::output_shape;

    static bool are_images(Size values, int capacity) {
        const Size n = values / input_shape.size();
        return n >= 1 && n <= static_cast<Size>(capacity) && n * input_shape.size() == values;
    }
    static void expect_images(Size values, int capacity) {
        if (are_images(values, capacity)) return;
        fail({"residua: an engine takes 1 to ", capacity, " images of ", input_shape.size(), " values, ", values,
              " values were given"});
    }

    // One image into blocks of channels.
    static void fill(std::span<const T> images, Size at, T* blocked) {
        K::to_blocked(images.data() + at * input_shape.size(), input_shape, blocked);
    }
    template <class Normalisation>
    static void fill(Pixels<Normalisation> images, Size at, T* blocked) {
        static constexpr auto inputs = input_of_pixel<T, Normalisation>();
        constexpr bool fits = inputs.size() == static_cast<Size>(input_shape.channels);
        static_assert(fits || !Net::valid, "residua: expected a mean and a deviation for each channel of the network's input");
        if constexpr (fits) {
            kernels::pixels_to_blocked<input_shape, K::lanes>(images.values.data() + at * input_shape.size(), inputs, blocked);
        }
    }

    template <class Images, int Capacity>
    std::span<const T> logits_of(Images images, Workspace<Capacity>& workspace) const {
        const auto part = [&](InferencePart which) { return workspace.arena_ + Taps::ledger.offset(which, Capacity); };
        T* input = part(InferencePart::input);
        T* logits = part(InferencePart::logits);
        T* rows = part(InferencePart::rows);

        Frame<T> f;
        f.parameters = parameters_.parameters();
        f.prepared = const_cast<T*>(prepared_.data());  // (read only in this mode)
        f.scratch_fixed = part(InferencePart::scratch_fixed);
        f.scratch = part(InferencePart::scratch);
        f.n = static_cast<int>(images_in(images) / input_shape.size());
        f.units = Root::extent.units;
        f.team = &workspace.team_;
        const typename Taps::HandedOver handed_over(workspace.arena_, Capacity);
        f.taps = handed_over.taps();
        workspace.images_ = f.n;

        f.team->run(f.n, [&](int i, std::byte*) {
            const Size at = static_cast<Size>(i);
            fill(images, at, input + at * Net::input_image);
        });
        pass(f, input, logits);
        for (int i = 0; i < f.n; ++i) {
            const Size at = static_cast<Size>(i);
            K::from_blocked(logits + at * Net::output_image, output_shape, rows + at * output_shape.size());
        }
        return std::span<const T>(rows, static_cast<Size>(f.n) * output_shape.size());
    }
    static Size images_in(std::span<const T> images) { return images.size(); }
    template <class Normalisation>
    static Size images_in(Pixels<Normalisation> images) {
        return images.values.size();
    }

    // The two that hold all code of the network: neither templates nor inline, so that they are where the class is instantiated.
    void prepare(const Threads& threads);
    static void pass(const Frame<T>& f, const T* input, T* logits);

    ZeroPages<T> prepared_;
    Parameters<Given> parameters_;
};

template <class Given, Text... Tapped>
void Inference<Given, Tapped...>::prepare(const Threads& threads) {
    detail::flush(parameters_.values());
    UnneededMemory unneeded;
    const Team team(threads);
    Frame<T> f;
    f.parameters = parameters_.parameters();
    f.statistics = parameters_.statistics();
    f.prepared = prepared_.data();
    f.units = Root::extent.units;
    f.team = &team;
    f.unneeded = &unneeded;
    Root::prepare(f);
}

template <class Given, Text... Tapped>
void Inference<Given, Tapped...>::pass(const Frame<T>& f, const T* input, T* logits) {
    Root::template forward<Mode::inference>(f, Input<T>{input}, Output<T>{logits});
}

}  // namespace residua::inline RESIDUA_ISA
