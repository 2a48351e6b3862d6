// What libtorch's header of its Gloo backend names of Gloo. The wheel brings Gloo's code, inside libtorch_cpu, and leaves its
// headers out; here are the types that the header needs, all of which this target sees behind pointers only. Nothing here is
// ever called. The test of two processes shows that they fit the libtorch that is pinned.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace gloo {

class Context {
   public:
    void setTimeout(std::chrono::milliseconds timeout);
};

namespace transport {

class Device;

class UnboundBuffer {
   public:
    virtual ~UnboundBuffer();
};

}  // namespace transport

namespace rendezvous {

class Store {
   public:
    virtual ~Store();
    virtual void set(const std::string &key, const std::vector<char> &value) = 0;
    virtual std::vector<char> get(const std::string &key) = 0;
    virtual void wait(const std::vector<std::string> &keys) = 0;
    virtual void wait(const std::vector<std::string> &keys, const std::chrono::milliseconds &timeout) = 0;
};

}  // namespace rendezvous

}  // namespace gloo
