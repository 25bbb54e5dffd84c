// A user's own threads, in place of a network's.
#pragma once

namespace residua {

// An executor (a game's job system, a robot's): one function, and how many workers it has.
//
//   run(self, tasks, region, task)   calls task(region, i, worker) once for each i in [0, tasks), on any threads and in any
//                                    order, and returns when all of these calls have returned.
//
// `worker` is in [0, workers), and no two calls of a region that are under way at once have the same one: it picks their scratch
// memory. A task throws nothing and waits for no other task. Memory is ordered as by starting and joining threads: tasks see what
// was written before run() was called, and its caller sees what tasks wrote. Networks that share an executor and run at the same
// time call it at the same time.
// (Outside the namespace of the instruction set: a program compiled for several has one executor.)
struct Executor {
    using Task = void (*)(void* region, int task, int worker);

    int workers = 0;
    void (*run)(void* self, int tasks, void* region, Task task) = nullptr;
    void* self = nullptr;
};

}  // namespace residua
