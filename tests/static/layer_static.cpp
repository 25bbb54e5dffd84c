// The contract of a layer: what it accepts and what it refuses.
#include <residua/layers/zero_border.hpp>
#include <residua/networks/imagenet.hpp>

namespace residua {
namespace {

constexpr Shape image{6, 8, 7};

static_assert(IsLayer<Conv<4>, image>);
static_assert(IsLayer<BatchNorm<>, image>);
static_assert(IsLayer<Gelu, image> && IsLayer<Silu, image> && IsLayer<Sigmoid, image>);
static_assert(IsLayer<Sequence<>, image>);
static_assert(IsLayer<Unit<PreActivation, Basic<6>>, image>);
static_assert(IsLayer<Repeat<3, Residual<Conv<6>>>, image>);
static_assert(!IsLayer<Conv<0>, image>);
static_assert(!IsLayer<Conv<largest_size + 1>, image>);
static_assert(!IsLayer<Linear<largest_size>, Shape{largest_size, 1, 1}>);  // as many weights as no machine holds
static_assert(!IsLayer<Conv<4, Kernel<9>, Padding<0>>, image>);
static_assert(!IsLayer<MaxPool<2, Padding<2>>, image>);
static_assert(!IsLayer<LeakyRelu<Real(0)>, image>);
static_assert(!IsLayer<Residual<Conv<4>>, image>);
static_assert(!IsLayer<Repeat<0, Relu>, image> && !IsLayer<Repeat<most_layers + 1, Relu>, image>);
static_assert(!IsLayer<int, image>);
static_assert(!IsLayer<Network<image, Conv<4>>, image>);
static_assert(!IsLayer<ZeroBorder<-1>, image> && IsLayer<ZeroBorder<0, 3>, image>);

// Where a unit's shortcut reads, in the network's first unit and in a later one, with a shortcut that projects and one that does
// not.
template <class Shortcut, Split Where, Signal In>
constexpr bool shares = Unit<PreActivation, Basic<6>, Shortcut, Where>::template shares<In>();
constexpr Signal first{image};
constexpr Signal later{image, true};
constexpr Signal widened{Shape{4, 8, 7}, true};
constexpr Signal first_widened{Shape{4, 8, 7}};
static_assert(shares<Project, Split::as_in_the_paper, first> && !shares<Project, Split::as_in_the_paper, later>);
static_assert(!shares<Project, Split::where_it_projects, first> && !shares<Project, Split::where_it_projects, later>);
static_assert(shares<Project, Split::where_it_projects, first_widened> && shares<Project, Split::where_it_projects, widened>);
static_assert(!shares<ZeroPadding, Split::where_it_projects, first_widened>);
static_assert(shares<ProjectChannels<>, Split::where_it_projects, widened>);
static_assert(!shares<ProjectChannels<>, Split::where_it_projects, later>);

// A layer with one part of its contract wrong at a time.
enum class Wrong { nothing, backward, forward, described, statistics, fans, misspelt, saved, scratch };

template <Wrong W>
struct Named {};
template <>
struct Named<Wrong::misspelt> {
    static constexpr bool reads_inputs = true;
};

template <Wrong W>
struct Layer : KeepsShape {
    template <Signal In, class K>
    struct At : Bound<Layer, In, K>, Named<W> {
        using T = typename K::Scalar;
        static constexpr Extent extent{.parameters = 4, .statistics = 2, .saved = W == Wrong::saved ? granule + 1 : granule};
        template <bool>
        static constexpr Need backward_scratch{W == Wrong::scratch ? Size{2} : 0, 0};
        static constexpr bool reads_output = true;

        static constexpr void describe(Namer& namer) {
            const auto leaf = namer.leaf("own", In, In, 4, 0);
            if constexpr (W == Wrong::fans) {
                namer.tensor("weight", Role::weight, {4}, 1);
            } else {
                namer.tensor("weight", Role::parameter, {W == Wrong::described ? 3 : 4}, 1);
            }
            namer.tensor("mean", Role::running_mean, {W == Wrong::statistics ? 1 : 2}, 1);
        }

        template <Mode, class Out>
            requires(W != Wrong::forward)
        static void forward(const Frame<T>&, Input<T>, Out) {}
        template <class Y, class Out>
            requires(std::is_same_v<Y, Input<T>> == (W != Wrong::backward))
        static void backward(const Frame<T>&, Unread, Y, Gradient<T>, Out) {}
    };
};
static_assert(IsLayer<Layer<Wrong::nothing>, image>);
static_assert(inferred<Layer<Wrong::backward>, Signal(image)>.missing == Missing::backward);
static_assert(inferred<Layer<Wrong::forward>, Signal(image)>.missing == Missing::forward);
static_assert(inferred<Layer<Wrong::described>, Signal(image)>.fault == Fault::description);
static_assert(inferred<Layer<Wrong::statistics>, Signal(image)>.fault == Fault::description);
static_assert(inferred<Layer<Wrong::fans>, Signal(image)>.missing == Missing::fans);
static_assert(inferred<Layer<Wrong::misspelt>, Signal(image)>.missing == Missing::known_member);

static_assert(inferred<Layer<Wrong::saved>, Signal(image)>.missing == Missing::rounding);
static_assert(inferred<Layer<Wrong::scratch>, Signal(image)>.missing == Missing::rounding);

static_assert(IsNetwork<Network<image, Conv<4>>> && !IsNetwork<Conv<4>> && !IsNetwork<int>);

// A shortcut's BranchEnd stands at the end of F, also where the shortcut has a form of its own under each ordering.
struct Scaled : Project {
    using BranchEnd = Scale<Real(0.5)>;
};
template <class Shortcut>
using UnitOf = Unit<Original, Single<6>, Shortcut>;
static_assert(std::is_same_v<UnitOf<Scaled>::F, Sequence<Conv<6, Stride<1>>, BatchNorm<>, Scale<Real(0.5)>>>);
static_assert(std::is_same_v<UnitOf<Scaled>::H, UnitOf<Project>::H>);

// And WithBranchEnd puts one more behind it, of whatever form the shortcut is.
using Ended = WithBranchEnd<LearnedScale<>, Scaled>;
static_assert(std::is_same_v<UnitOf<Ended>::F, Sequence<UnitOf<Scaled>::F, LearnedScale<>>>);
static_assert(UnitOf<Ended>::H::projects(Shape{6, 4, 4}, Shape{12, 2, 2}, 2));
using EndedTwice = WithBranchEnd<Relu, WithBranchEnd<LearnedScale<>, ConstantScaling<Real(0.5), Real(0.5)>>>;
static_assert(std::is_same_v<UnitOf<EndedTwice>::F, Sequence<UnitOf<Scaled>::F, LearnedScale<>, Relu>>);
static_assert(IsLayer<UnitOf<WithBranchEnd<SqueezeExcite<2>, ExclusiveGating<>>>, image>);
static_assert(IsLayer<UnitOf<WithBranchEnd<LearnedScale<>, Identity>>, image>);
static_assert(!IsLayer<SqueezeExcite<0>, image> && !IsLayer<StochasticDepth<Real(0)>, image>);
static_assert(!IsLayer<SqueezeExcite<1>, Shape{largest_size, 1, 1}>);  // as many weights as no machine holds

// Option B normalises where its ordering does.
template <class Order>
using Projection =
    At<typename detail::Choose<Project::Under<Order>, Shape{6, 4, 4}, Shape{12, 2, 2}, 2>::type, Signal(Shape{6, 4, 4}), Probe>;
struct NormRelu : Sequence<BatchNorm<>, Relu> {};
static_assert(Projection<Original>::extent.statistics == 24 && Projection<PreActivation>::extent.statistics == 0);
static_assert(Projection<Ordering<None, NormRelu, None, Relu>>::extent.statistics == 24);
static_assert(Projection<OriginalWithoutBatchNorm>::extent.statistics == 0);

// Its normalisation is the ordering's own, and so is that of ImageNet's stem, where there is one.
using Norm = BatchNorm<Real(1e-3)>;
struct NamedActivation : Sequence<Norm, Relu> {};
static_assert(std::is_same_v<detail::NormOf<Ordering<None, NamedActivation, Relu, None>>, Norm>);
static_assert(std::is_same_v<detail::NormOf<Ordering<Sequence<Relu, Norm>, BatchNormRelu, None, None>>, BatchNorm<>>);
static_assert(std::is_same_v<detail::NormOf<OriginalWithoutBatchNorm>, None>);
using OwnNorm = Ordering<None, NamedActivation, Norm, Relu>;
static_assert(std::is_same_v<detail::Choose<Project::Under<OwnNorm>, Shape{6, 4, 4}, Shape{12, 2, 2}, 2>::type,
                             Sequence<Conv<12, Kernel<1>, Stride<2>>, Norm>>);
static_assert(std::is_same_v<imagenet::detail::Stem<OwnNorm>, imagenet::detail::StemWith<Norm>>);
static_assert(std::is_same_v<imagenet::detail::Stem<OriginalWithoutBatchNorm>, imagenet::detail::StemWith<BatchNorm<>>>);

// Sizes at the bounds do not wrap.
static_assert(product_of({Size{1} << 33, 2}) == most_values && product_of({Size{1} << 33, 3}) == most_values + 1);
static_assert(product_of({Size{1} << 63, Size{1} << 63, 0}) == 0);
static_assert(fits(Shape{1 << 4, 1 << 15, 1 << 15}) && !fits(Shape{1, 1 << 15, (1 << 15) + 1}) && !fits(Shape{3, 4}));

}  // namespace
}  // namespace residua
