// A checkpoint's fingerprint tells apart whatever computes another function, and nothing else.
#include <doctest/doctest.h>

#include <residua/io/checkpoint.hpp>
#include <residua/residua.hpp>

#include <map>
#include <string>

namespace residua::io {
namespace {

// Networks by their fingerprints: two of one fingerprint are a failure that names both.
class Seen {
public:
    template <class Net>
    void add(const std::string& name) {
        const auto put = names_.emplace(fingerprint<Net>(), name);
        CHECK_MESSAGE(put.second, name, " has the fingerprint of ", put.first->second);
    }

private:
    std::map<std::uint64_t, std::string> names_;
};

template <class Order, class Shortcut, int Width = 2>
using Small = Network<Shape{3, 6, 6}, cifar::BasicSpec<8, Order, Shortcut, 3, Width>>;

template <class Order>
void add_shortcuts(Seen& seen, const std::string& order) {
    seen.add<Small<Order, ZeroPadding>>(order + " ZeroPadding");
    seen.add<Small<Order, Project>>(order + " Project");
    seen.add<Small<Order, Conv1x1<>>>(order + " Conv1x1");
    seen.add<Small<Order, ConstantScaling<Real(0.5)>>>(order + " ConstantScaling");
    seen.add<Small<Order, DropoutShortcut<>>>(order + " DropoutShortcut");
    seen.add<Small<Order, ExclusiveGating<>>>(order + " ExclusiveGating");
    seen.add<Small<Order, Highway<>>>(order + " Highway");
}

TEST_CASE("orderings and shortcuts have fingerprints of their own") {
    Seen seen;
    add_shortcuts<Original>(seen, "Original");
    add_shortcuts<BnAfterAddition>(seen, "BnAfterAddition");
    add_shortcuts<ReluBeforeAddition>(seen, "ReluBeforeAddition");
    add_shortcuts<ReluPreActivation>(seen, "ReluPreActivation");
    add_shortcuts<PreActivation>(seen, "PreActivation");

    using O = PreActivation;
    seen.add<Small<O, CentredZeroPadding>>("CentredZeroPadding");
    seen.add<Small<O, ConstantScaling<Real(0.3)>>>("ConstantScaling 0.3");
    seen.add<Small<O, ConstantScaling<Real(0.5), Real(0.5)>>>("ConstantScaling 0.5 0.5");
    seen.add<Small<O, DropoutShortcut<Real(0.25)>>>("DropoutShortcut 0.25");
    seen.add<Small<O, DropoutShortcut<Real(0.5), DropoutScaling::inverted>>>("DropoutShortcut inverted");
    seen.add<Small<O, ShortcutOnlyGating<>>>("ShortcutOnlyGating");
    seen.add<Small<O, ExclusiveGating<Real(-3)>>>("ExclusiveGating -3");
}

template <class... L>
using Chain = Network<Shape{2, 9, 9}, Sequence<L...>>;

TEST_CASE("so have all options of layers, and their order") {
    Seen seen;
    seen.add<Chain<>>("nothing");
    seen.add<Chain<Conv<2>>>("Conv");
    seen.add<Chain<Conv<2, Padding<0>>>>("Conv without padding");
    seen.add<Chain<Conv<2, Padding<0, 2>>>>("Conv padded behind");
    seen.add<Chain<Conv<2, Padding<2, 0>>>>("Conv padded in front");
    seen.add<Chain<Conv<2, Stride<2>>>>("Conv of stride 2");
    seen.add<Chain<Conv<2, Stride<2>, Padding<2>>>>("Conv of stride 2, padded by 2");
    seen.add<Chain<Conv<2, WithBias>>>("Conv with bias");
    seen.add<Chain<Conv<2>, Conv<2, Groups<2>>>>("Conv in groups");
    seen.add<Chain<Conv<2>, BatchNorm<>>>("BatchNorm");
    seen.add<Chain<Conv<2>, BatchNorm<Real(1e-3)>>>("BatchNorm of epsilon 1e-3");
    seen.add<Chain<Conv<2>, BatchNorm<Real(1e-5), Real(0.2)>>>("BatchNorm of momentum 0.2");
    seen.add<Chain<Conv<2>, BatchNorm<Real(1e-5), Real(0.1), Affine::none>>>("BatchNorm without parameters");
    seen.add<Chain<Conv<2>, BatchNorm<Real(1e-5), Real(0.1), Affine::shift>>>("BatchNorm without gamma");
    seen.add<Chain<Conv<2>, Relu>>("Relu");
    seen.add<Chain<Conv<2>, LeakyRelu<>>>("LeakyRelu");
    seen.add<Chain<Conv<2>, LeakyRelu<Real(0.2)>>>("LeakyRelu 0.2");
    seen.add<Chain<Conv<2>, Sigmoid>>("Sigmoid");
    seen.add<Chain<Conv<2>, Scale<Real(0.5)>>>("Scale 0.5");
    seen.add<Chain<Conv<2>, Scale<Real(0.25)>>>("Scale 0.25");
    seen.add<Chain<Conv<2>, Dropout<>>>("Dropout");
    seen.add<Chain<Conv<2>, Dropout<Real(0.3)>>>("Dropout 0.3");
    seen.add<Chain<Conv<2>, Dropout<Real(0.5), DropoutScaling::plain>>>("Dropout plain");
    seen.add<Chain<Conv<2>, MaxPool<2>>>("MaxPool");
    seen.add<Chain<Conv<2>, AveragePool<2>>>("AveragePool");
    seen.add<Chain<Conv<2>, MaxPool<3, Stride<2>>>>("MaxPool 3");
    seen.add<Chain<Conv<2>, MaxPool<3, Stride<2>, Padding<1, 0>>>>("MaxPool padded in front");
    seen.add<Chain<Conv<2>, MaxPool<3, Stride<2>, Padding<0, 1>>>>("MaxPool padded behind");
    seen.add<Chain<Conv<2>, GlobalAveragePool>>("GlobalAveragePool");
    seen.add<Chain<Conv<2>, Linear<2>>>("Linear");
    seen.add<Chain<Conv<2>, GlobalAveragePool, Linear<2>>>("GlobalAveragePool, Linear");
    seen.add<Chain<Conv<2>, Subsample<3, 1>>>("Subsample");
    seen.add<Chain<Conv<2>, Subsample<4, 2>>>("Subsample by 2");
    seen.add<Chain<Conv<2>, Subsample<4, 2, Zeros::half_in_front>>>("Subsample in the middle");

    // The same tensors in another structure.
    seen.add<Chain<Conv<2>, BatchNorm<>, Relu>>("BatchNorm, Relu");
    seen.add<Chain<Conv<2>, Relu, BatchNorm<>>>("Relu, BatchNorm");
    seen.add<Chain<Conv<2>, BatchNorm<>, Conv<2>>>("BatchNorm, Conv");
    seen.add<Chain<Conv<2>, BatchNorm<>, Relu, Conv<2>>>("BatchNorm, Relu, Conv");
    seen.add<Chain<Conv<2>, Conv<2>>>("Conv, Conv");
    seen.add<Chain<Conv<2>, Residual<Conv<2>>>>("Conv, Residual");
    seen.add<Chain<Residual<Conv<2>>, Conv<2>>>("Residual, Conv");
    seen.add<Chain<Residual<Sequence<Conv<2>, Conv<2>>>>>("Residual of two");
    seen.add<Chain<Residual<Sequence<Conv<2>, Residual<Conv<2>>>>>>("Residual in a Residual");
    seen.add<Chain<Residual<Residual<Sequence<Conv<2>, Conv<2>>>>>>("Residual of a Residual");
    seen.add<Chain<Residual<Conv<2>, Relu>>>("Residual beside Relu");
    seen.add<Chain<Residual<Conv<2>, Sequence<Relu, Relu>>>>("Residual beside two Relus");
    seen.add<Chain<Residual<Sequence<Conv<2>, Relu>>>>("Relu at the end of a branch");
    seen.add<Chain<Residual<Conv<2>>, Relu>>("Relu after the addition");

    seen.add<Network<Shape{2, 9, 9}, Conv<2>, PlainLoops<double>>>("doubles");
    seen.add<Network<Shape{2, 9, 8}, Conv<2>>>("another input");
}

TEST_CASE("what computes the same has the same fingerprint") {
    using Net = Small<PreActivation, ZeroPadding>;
    CHECK(fingerprint<Net>() == fingerprint<Net::With<PlainLoops<float>>>());
    CHECK(fingerprint<Chain<Conv<2>, Sequence<Relu, Conv<2>>>>() == fingerprint<Chain<Conv<2>, Relu, Conv<2>>>());
    CHECK(fingerprint<Chain<Conv<2>, Recompute<Relu>>>() == fingerprint<Chain<Conv<2>, Relu>>());
}

}  // namespace
}  // namespace residua::io
