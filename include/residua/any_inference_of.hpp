// Fills in the table of functions of one network for inference. Needs nlohmann-json.
#pragma once

#include <residua/any_inference.hpp>
#include <residua/any_status_of.hpp>
#include <residua/inference/engine.hpp>
#include <residua/io/name_maps.hpp>
#include <residua/io/weights.hpp>

#include <algorithm>
#include <memory>
#include <span>
#include <type_traits>

namespace residua::inline RESIDUA_ISA {

namespace detail {

template <class Net, int Capacity>
struct AnyInferenceState {
    AnyInferenceState(const char* weights, const char* names, int threads)
        : engine(io::parameters_of<Net>(weights, io::name_map(names)), threads), workspace(threads) {}

    Inference<Net> engine;
    typename Inference<Net>::template Workspace<Capacity> workspace;
};

template <class Net, int Capacity>
AnyInference any_inference() {
    using State = AnyInferenceState<Net, Capacity>;
    constexpr Shape input = Net::input_shape;

    AnyInference any;
    any.input = {input.channels, input.height, input.width};
    any.classes = static_cast<int>(Net::output_shape.size());
    any.capacity = Capacity;
    any.parameter_count = Net::parameter_count;
    any.macs = Net::macs;
    any.inference_bytes = Net::template inference_bytes<Capacity>;
    any.worker_bytes = Net::template inference_worker_bytes<Capacity>;

    any.start = [](const char* weights, const char* names, int threads, AnyStatus& status) -> void* {
        std::unique_ptr<State> state;
        guarded(status, [&] { state = std::make_unique<State>(weights, names, threads); });
        return state.release();
    };
    any.stop = [](void* self) { delete static_cast<State*>(self); };
    any.infer = [](void* self, const float* images, int n, float* logits, AnyStatus& status) {
        guarded(status, [&] {
            State& state = *static_cast<State*>(self);
            if (n < 0) fail({"residua: an engine takes 1 to ", Capacity, " images, ", n, " were given"});
            const std::span<const float> all(images, static_cast<Size>(n) * Net::input_shape.size());
            const std::span<const float> rows = state.engine(all, state.workspace);
            std::copy(rows.begin(), rows.end(), logits);
        });
    };
    return any;
}

}  // namespace detail

// The table of a network whose scalar is float, for calls of up to Capacity images.
template <class Given, int Capacity>
AnyInference any_inference() {
    using Net = typename detail::NetworkOf<Given>::type;
    constexpr bool takes_float = std::is_same_v<typename Net::Scalar, float>;
    static_assert(takes_float, "residua: any_inference is for networks whose scalar is float: expected kernels of float");
    static_assert(Capacity >= 1, "residua: any_inference holds at least one image");
    if constexpr (takes_float && Capacity >= 1) {
        return detail::any_inference<Net, Capacity>();
    } else {
        return {};
    }
}

}  // namespace residua::inline RESIDUA_ISA
