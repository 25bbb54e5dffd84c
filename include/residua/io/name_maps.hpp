// What other projects call the tensors of a network: small tables from this library's names to those in their files.
#pragma once

#include <residua/io/name_map.hpp>

#include <array>
#include <string>
#include <string_view>

namespace residua::inline RESIDUA_ISA::io {

// The file's names are the network's.
inline constexpr NameMap as_is{};

// torchvision: resnet18 to resnet152, resnext50_32x4d and its kin, wide_resnet50_2 and wide_resnet101_2 (imagenet::ResNet,
// imagenet::ResNeXt).
inline constexpr NameMap torchvision{{"layer#.#.shortcut.*", "layer#.#.downsample.*"}};

// timm's resnetv2_18, _34, _50, _101 and _152.
inline constexpr NameMap timm{{"conv1.*", "stem.conv.*"},
                              {"layer#.#.bn#.*", "stages.#-1.blocks.#.norm#.*"},
                              {"layer#.#.conv#.*", "stages.#-1.blocks.#.conv#.*"},
                              {"layer#.#.shortcut.0.*", "stages.#-1.blocks.#.downsample.conv.*"},
                              {"bn1.*", "norm.*"},
                              {"fc.*", "head.fc.*"}};

// akamaster/pytorch_resnet_cifar10: resnet20 to resnet1202 (cifar::BasicResNet<Depth, Original, CentredZeroPadding>).
inline constexpr NameMap akamaster{{"fc.*", "linear.*"}};

// facebook/fb.resnet.torch, models/resnet.lua: ImageNet's 18 to 152 in the original form, and KaimingHe's networks, which are
// made of it (imagenet::ResNet). Taken as its names are those that a Torch file has once it is a PyTorch module of nested
// nn.Sequential (clcarwin/convert_torch_to_pytorch): each module is called by its place, and a linear layer has a reshape in
// front of it.
inline constexpr NameMap fb{{"conv1.*", "0.*"},
                            {"bn1.*", "1.*"},
                            {"layer#.#.conv1.*", "#+3.#.0.0.0.*"},
                            {"layer#.#.bn1.*", "#+3.#.0.0.1.*"},
                            {"layer#.#.conv2.*", "#+3.#.0.0.3.*"},
                            {"layer#.#.bn2.*", "#+3.#.0.0.4.*"},
                            {"layer#.#.conv3.*", "#+3.#.0.0.6.*"},
                            {"layer#.#.bn3.*", "#+3.#.0.0.7.*"},
                            {"layer#.#.shortcut.#.*", "#+3.#.0.1.#.*"},
                            {"fc.*", "10.1.*"}};

// The same of models/preresnet.lua, ImageNet's 18 to 200 in full pre-activation (imagenet::PreActResNet): a stage's first unit
// activates in front of both paths, but for the network's first, which finds its signal activated; the others on the branch.
inline constexpr NameMap fb_preact{{"conv1.*", "0.*"},
                                   {"bn1.*", "1.*"},
                                   {"layer1.0.conv1.*", "4.0.0.0.0.*"},
                                   {"layer1.0.bn1.*", "4.0.0.0.1.*"},
                                   {"layer1.0.conv2.*", "4.0.0.0.3.*"},
                                   {"layer1.0.bn2.*", "4.0.0.0.4.*"},
                                   {"layer1.0.conv3.*", "4.0.0.0.6.*"},
                                   {"layer1.0.shortcut.0.*", "4.0.0.1.0.*"},
                                   {"layer#.0.bn1.*", "#+3.0.0.*"},
                                   {"layer#.0.conv1.*", "#+3.0.2.0.0.*"},
                                   {"layer#.0.bn2.*", "#+3.0.2.0.1.*"},
                                   {"layer#.0.conv2.*", "#+3.0.2.0.3.*"},
                                   {"layer#.0.bn3.*", "#+3.0.2.0.4.*"},
                                   {"layer#.0.conv3.*", "#+3.0.2.0.6.*"},
                                   {"layer#.0.shortcut.0.*", "#+3.0.2.1.0.*"},
                                   {"layer#.#.bn1.*", "#+3.#.0.0.0.*"},
                                   {"layer#.#.conv1.*", "#+3.#.0.0.2.*"},
                                   {"layer#.#.bn2.*", "#+3.#.0.0.3.*"},
                                   {"layer#.#.conv2.*", "#+3.#.0.0.5.*"},
                                   {"layer#.#.bn3.*", "#+3.#.0.0.6.*"},
                                   {"layer#.#.conv3.*", "#+3.#.0.0.8.*"},
                                   {"bn2.*", "8.*"},
                                   {"fc.*", "12.1.*"}};

// Keras' ResNet50V2, ResNet101V2 and ResNet152V2 (imagenet::KerasResNetV2), as scripts/to_safetensors.py writes them: Keras'
// names of the layers, PyTorch's layout and names of their tensors.
inline constexpr NameMap keras{{"conv1.*", "conv1_conv.*"},
                               {"layer#.#.bn1.*", "conv#+1_block#+1_preact_bn.*"},
                               {"layer#.#.bn2.*", "conv#+1_block#+1_1_bn.*"},
                               {"layer#.#.bn3.*", "conv#+1_block#+1_2_bn.*"},
                               {"layer#.#.conv#.*", "conv#+1_block#+1_#_conv.*"},
                               {"layer#.#.shortcut.0.*", "conv#+1_block#+1_0_conv.*"},
                               {"bn1.*", "post_bn.*"},
                               {"fc.*", "predictions.*"}};

// One of the maps above by its name, for programs.
struct NamedNameMap {
    std::string_view name;
    NameMap map;
};
inline constexpr std::array named_name_maps{NamedNameMap{"as_is", as_is}, NamedNameMap{"torchvision", torchvision},
                                            NamedNameMap{"timm", timm},   NamedNameMap{"akamaster", akamaster},
                                            NamedNameMap{"fb", fb},       NamedNameMap{"fb_preact", fb_preact},
                                            NamedNameMap{"keras", keras}};

// Error: there is none of that name; it says which there are.
inline const NameMap& name_map(std::string_view name) {
    std::string names;
    for (const NamedNameMap& known : named_name_maps) {
        if (known.name == name) return known.map;
        names += (names.empty() ? "" : ", ") + std::string(known.name);
    }
    throw Error("residua: expected a map of names out of " + names + ", found " + in_quotes(name));
}

}  // namespace residua::inline RESIDUA_ISA::io
