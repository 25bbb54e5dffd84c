// Fills in the table of functions of one network. Needs nlohmann-json.
#pragma once

#include <residua/any_network.hpp>
#include <residua/any_status_of.hpp>
#include <residua/io/checkpoint.hpp>
#include <residua/io/weights.hpp>
#include <residua/residua.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <type_traits>

namespace residua::inline RESIDUA_ISA {

namespace detail {

template <class Net, int Capacity, class... P>
struct AnyState {
    explicit AnyState(const AnySettings& settings)
        : parameters(initialized<Net>(HeNormal{FanOut{}}, settings.seed)),
          trainer(
              parameters,
              Sgd{settings.momentum, settings.weight_decay, settings.nesterov, settings.decays_all ? Decay::all : Decay::weights},
              TrainerOptions{settings.threads, settings.seed}),
          engine(parameters),
          workspace(settings.threads) {}

    Parameters<Net> parameters;
    Trainer<Net, Capacity, P...> trainer;
    Inference<Net> engine;
    std::int64_t engine_stands_at = 0;  // the step whose parameters the engine holds
    typename Inference<Net>::template Workspace<Capacity> workspace;

    static AnyState& of(void* self) { return *static_cast<AnyState*>(self); }
    static const AnyState& of(const void* self) { return *static_cast<const AnyState*>(self); }
};

template <class Net, int Capacity, class... P>
AnyNetwork any_network() {
    using State = AnyState<Net, Capacity, P...>;
    using Pass = typename Trainer<Net, Capacity, P...>::Pass;
    using Recomputation = typename Pass::Recomputation;
    constexpr Shape input = Net::input_shape;
    constexpr Size classes = Net::output_shape.size();

    AnyNetwork any;
    any.input = {input.channels, input.height, input.width};
    any.classes = static_cast<int>(classes);
    any.capacity = Capacity;
    any.parameter_count = Net::parameter_count;
    any.macs = Net::macs;
    any.training_bytes = Net::template training_bytes<Capacity, Recomputation>;
    any.image_bytes = sizeof(typename Net::Scalar) * Net::template training_ledger<Recomputation>.total().image;
    any.worker_bytes = Net::training_worker_bytes;

    any.layer_count = layers_of<Net>().size();
    any.layer = [](Size index) {
        const LayerInfo info = layers_of<Net>().at(index);
        AnyLayer layer;
        static_assert(sizeof layer.name > Name::longest);
        copy_text(info.name.view(), layer.name);
        copy_text(info.kind, layer.kind);
        layer.in = {info.in.channels, info.in.height, info.in.width};
        layer.out = {info.out.channels, info.out.height, info.out.width};
        layer.parameters = info.parameters;
        layer.macs = info.macs;
        return layer;
    };
    any.tensor_count = tensors_of<Net>().size();
    any.tensor = [](Size index) {
        const TensorInfo info = tensors_of<Net>().at(index);
        AnyTensor tensor;
        static_assert(sizeof tensor.name > Name::longest);
        copy_text(info.name.view(), tensor.name);
        tensor.size = info.size;
        return tensor;
    };

    any.start = [](const AnySettings& settings, AnyStatus& status) -> void* {
        std::unique_ptr<State> state;
        guarded(status, [&] { state = std::make_unique<State>(settings); });
        return state.release();
    };
    any.stop = [](void* self) { delete static_cast<State*>(self); };

    any.step = [](void* self, const float* images, const int* labels, int n, double rate, AnyStatus& status) {
        AnyResult result;
        guarded(status, [&] {
            const StepResult step = State::of(self).trainer.step(images, labels, n, rate);
            result = {step.loss, step.correct};
        });
        return result;
    };
    any.infer = [](void* self, const float* images, int n, float* logits, AnyStatus& status) {
        guarded(status, [&] {
            State& state = State::of(self);
            if (state.engine_stands_at != state.trainer.steps_taken()) {
                state.engine.update(state.parameters);
                state.engine_stands_at = state.trainer.steps_taken();
            }
            const std::span<const float> all(images, static_cast<Size>(n) * Net::input_shape.size());
            const std::span<const float> result = state.engine(all, state.workspace);
            std::copy(result.begin(), result.end(), logits);
        });
    };
    any.steps_taken = [](const void* self) { return State::of(self).trainer.steps_taken(); };

    if constexpr (Pass::watches) {
        any.unit_count = Pass::Root::extent.units;
        any.watch = [](void* self, bool looks) { State::of(self).trainer.watch(looks); };
        any.unit = [](const void* self, Size index) {
            const UnitNorms seen = State::of(self).trainer.unit_norms()[index];
            return AnyUnit{seen.signal, seen.gradient, seen.gate};
        };
    }

    any.is_finite = [](const void* self) { return State::of(self).trainer.is_finite(); };

    any.save = [](const void* self, const char* path, const char* run, const char* notes, Size notes_size, AnyStatus& status) {
        guarded(status, [&] { io::save_checkpoint(State::of(self).trainer, path, run, {notes, notes_size}); });
    };
    any.load = [](void* self, const char* path, const char* run, void (*receive)(void*, const char*, Size), void* context,
                  AnyStatus& status) {
        guarded(status, [&] {
            State& state = State::of(self);
            const std::string notes = io::load_checkpoint(state.trainer, path, run);
            state.engine.update(state.parameters);
            state.engine_stands_at = state.trainer.steps_taken();
            receive(context, notes.data(), notes.size());
        });
    };
    any.save_weights = [](const void* self, const char* path, const char* metadata, AnyStatus& status) {
        guarded(status, [&] {
            std::map<std::string, std::string> fields;
            for (const io::detail::RunSetting& field : io::detail::settings_of(metadata)) {
                fields.emplace(field.name, field.value);
            }
            io::save(State::of(self).parameters, path, fields);
        });
    };
    return any;
}

}  // namespace detail

// The table of a network whose scalar is float, for steps of up to Capacity images. P: policies of its trainer, but for the
// optimizer, which is Sgd: RecomputeEvery<N>, WatchUnits.
template <class Given, int Capacity, class... P>
AnyNetwork any_network() {
    using Net = typename detail::NetworkOf<Given>::type;
    constexpr bool takes_float = std::is_same_v<typename Net::Scalar, float>;
    static_assert(takes_float, "residua: any_network is for networks whose scalar is float: expected kernels of float");
    constexpr bool has_capacity = (Net::template training_bytes<Capacity>) > 0;  // (asked here, its error is shortest)
    constexpr bool by_sgd = std::is_same_v<typename detail::Policies<float, P...>::Optimizer, Sgd>;
    static_assert(by_sgd, "residua: any_network trains by Sgd, as AnySettings says it: expected no optimizer, found one");
    if constexpr (takes_float && has_capacity && by_sgd && Capacity > 0) {
        return detail::any_network<Net, Capacity, P...>();
    } else {
        return {};
    }
}

}  // namespace residua::inline RESIDUA_ISA
