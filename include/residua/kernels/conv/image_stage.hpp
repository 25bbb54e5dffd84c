// What is done with an image as soon as it is written, while it is in the cache.
#pragma once

#include <residua/core/parallel.hpp>

namespace residua::inline RESIDUA_ISA::kernels {

// Nothing, or work(image, blocks of channels that are written), on the worker that wrote them; the work is the caller's, and
// outlives this. (Through a pointer: a kernel is not compiled again for what follows it.)
class ImageStage {
public:
    ImageStage() = default;
    template <class Work>
    explicit ImageStage(const Work& work) : work_(&work), call_(call<Work>) {}

    void operator()(int image, Range blocks) const {
        if (call_) call_(work_, image, blocks);
    }

private:
    template <class Work>
    static void call(const void* work, int image, Range blocks) {
        (*static_cast<const Work*>(work))(image, blocks);
    }

    const void* work_ = nullptr;
    void (*call_)(const void*, int, Range) = nullptr;
};

}  // namespace residua::inline RESIDUA_ISA::kernels
