// Equations (5) and (8) of He et al. 2016, measured: what of dE/dx_l comes through shortcuts alone, and what through the
// branches.
#pragma once

#include <residua/analysis/term_watch.hpp>
#include <residua/training/arguments.hpp>
#include <residua/training/pass.hpp>

#include <concepts>
#include <span>

namespace residua::inline RESIDUA_ISA {

namespace detail {

// (Of what is no network the Pass says so.)
template <class Given>
constexpr bool every_unit_has_terms() {
    if constexpr (IsNetwork<Given>) {
        constexpr auto found = Given::template watched_units<WatchTerms<typename Given::Scalar>>;
        constexpr Size units = Given::Root::extent.units;
        return found > 0 && found == units;
    } else {
        return true;
    }
}
template <class Given, bool EveryUnitHasTerms>
struct ExpectUnitsInARow {};
template <class Given>
struct ExpectUnitsInARow<Given, false> {
    static_assert(fault::never<Given>,
                  "residua: terms of gradients are those of residual units in a row: expected a network whose every unit is a "
                  "Unit<...> that stands in no other layer, found one without units or with others");
};

}  // namespace detail

namespace analysis {

// Euclidean norms over all images of a batch, at the input of unit l or, after the last of L, at its output:
//
//   dE/dx_l = dE/dx_L (prod h'_i + d/dx_l sum Fhat(x_i))     l <= i < L; with h(x) = x, the product is 1
//
// The direct term is the first: dE/dx_L brought back through shortcuts, and what stands before or after both paths of a unit
// (activations of some orderings) or between units, as if each F were a constant. That of the branches is the other: what passed
// through one F at least. Of a gate, y = (1 - g(x)) h(x) + g(x) F(x), the derivative of g is in the direct term.
struct TermNorms {
    double whole = 0;     // ||dE/dx_l||, where E is the mean loss
    double direct = 0;    // dE/dx_L itself at l = L
    double branches = 0;  // 0 at l = L
};

// Finds them, on batches of up to Batch images, for any network whose units stand in a row. Owns copies of the parameters, an
// arena as of a training pass and, of each unit, a gradient as large as its output. Three passes on the same numbers find the
// three norms; the terms do so by recurrences of their own, none as a difference. Gives the same bits on any number of threads.
template <class Given, int Batch>
class GradientTerms {
public:
    using Net = typename residua::detail::NetworkOf<Given>::type;
    using T = typename Net::Scalar;
    // (Asked here, the error of a refused network is shortest.)
    static_assert(Net::template training_bytes<Batch> > 0);
    static_assert(sizeof(residua::detail::ExpectUnitsInARow<Given, residua::detail::every_unit_has_terms<Given>()>) > 0);

    explicit GradientTerms(Threads threads = 1) : pass_(threads), gradients_(Net::parameter_count) {}

    // Of a training pass with these parameters, which stay as they are, as running statistics do; on images
    // ([n][channels][height][width]; n follows from their size) with a label each, by softmax cross-entropy. Draws: which masks
    // dropout draws. The result, x_0 ... x_L, lasts until the next call. Errors: those of TrainingPass; no whole number of
    // images.
    std::span<const TermNorms> operator()(const Parameters<Given>& parameters, std::span<const T> images,
                                          std::span<const int> labels, Draws draws = {}) {
        return (*this)(parameters, images, SoftmaxCrossEntropy{labels}, draws);
    }

    // The same with any loss, which is asked three times.
    template <IsLoss<T> Loss>
    std::span<const TermNorms> operator()(const Parameters<Given>& parameters, std::span<const T> images, const Loss& loss,
                                          Draws draws = {}) {
        const int n = residua::detail::images_in(images.size(), Net::input_shape);
        const auto find = [&](residua::detail::Term term, double TermNorms::*norm) {
            parameters_ = parameters;
            pass_.unit_watch().term = term;
            pass_(parameters_, images.data(), n, loss, gradients_.data(), draws);
            for (Size l = 0; l < norms_.size(); ++l) norms_.data()[l].*norm = pass_.unit_norms()[l].gradient;
        };
        find(residua::detail::Term::whole, &TermNorms::whole);
        find(residua::detail::Term::direct, &TermNorms::direct);
        find(residua::detail::Term::branches, &TermNorms::branches);

        // (What arrived there in that pass was the whole, which the last unit leaves out.)
        norms_.data()[norms_.size() - 1].branches = 0;
        return norms_.span();
    }

    template <class Other, class... Rest>
        requires(!std::same_as<Other, Given>)
    std::span<const TermNorms>
    operator()(const Parameters<Other>&, const Rest&...) {
        static_assert(sizeof(residua::detail::OfAnotherNetwork<Given, Other>) > 0);
        return {};
    }

private:
    using Pass = TrainingPass<Given, Batch, residua::detail::WatchTerms<T>>;

    Pass pass_;
    Parameters<Given> parameters_;
    Buffer<T> gradients_;  // of parameters: of several passes, read by nobody
    Buffer<TermNorms> norms_{pass_.unit_norms().size()};
};

}  // namespace analysis

}  // namespace residua::inline RESIDUA_ISA
