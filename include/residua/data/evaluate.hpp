// A network on a whole data set.
#pragma once

#include <residua/data/in_order.hpp>
#include <residua/inference/engine.hpp>
#include <residua/inference/evaluation.hpp>

#include <memory>

namespace residua::inline RESIDUA_ISA::data {

namespace detail {

// Of a data set of any kind.
template <class Given, class Workspace, class Set>
Evaluation evaluate_all(const Inference<Given>& engine, Workspace& workspace, const Set& set,
                        const Normalisation& normalisation) {
    using Net = typename Inference<Given>::Net;
    using T = typename Net::Scalar;
    constexpr Size classes = Net::output_shape.size();
    if (set.image != Net::input_shape) {
        fail("residua: evaluate: expected images of " + shown(Net::input_shape) + ", found " + shown(set.image));
    }
    if (set.classes != 0 && set.classes != static_cast<int>(classes)) {
        fail({"residua: evaluate: expected a data set of ", classes,
              " classes, as many as the network has, or of 0 (not known), found ", set.classes});
    }
    Evaluation result;
    for (const BatchOf<T>& batch : InOrderOf<T>(set, normalisation, Workspace::capacity)) {
        const std::span<const T> logits = engine(batch.images, workspace);
        for (Size i = 0; i < static_cast<Size>(batch.n); ++i) result.add(logits.subspan(i * classes, classes), batch.labels[i]);
    }
    return result;
}

}  // namespace detail

// Images are read in the order of the set, each once, not augmented. Errors: images of another shape than the network's; another
// number of classes than its outputs (a set whose `classes` is 0, not known, is taken, and its labels are looked at one by one);
// a data set or a normalisation whose sizes do not fit.
template <class Given, class Workspace, class Pixel>
Evaluation evaluate(const Inference<Given>& engine, Workspace& workspace, const DatasetOf<Pixel>& set,
                    const Normalisation& normalisation) {
    return detail::evaluate_all(engine, workspace, set, normalisation);
}
template <class Given, class Workspace>
Evaluation evaluate(const Inference<Given>& engine, Workspace& workspace, const ImageSource& set,
                    const Normalisation& normalisation) {
    return detail::evaluate_all(engine, workspace, set, normalisation);
}

// The same with a workspace of its own, for 64 images at a time.
template <class Given, class Pixel>
Evaluation evaluate(const Inference<Given>& engine, const DatasetOf<Pixel>& set, const Normalisation& normalisation,
                    Threads threads = 1) {
    using Workspace = typename Inference<Given>::template Workspace<64>;
    const auto workspace = std::make_unique<Workspace>(threads);
    return evaluate(engine, *workspace, set, normalisation);
}
template <class Given>
Evaluation evaluate(const Inference<Given>& engine, const ImageSource& set, const Normalisation& normalisation,
                    Threads threads = 1) {
    using Workspace = typename Inference<Given>::template Workspace<64>;
    const auto workspace = std::make_unique<Workspace>(threads);
    return evaluate(engine, *workspace, set, normalisation);
}

}  // namespace residua::inline RESIDUA_ISA::data
