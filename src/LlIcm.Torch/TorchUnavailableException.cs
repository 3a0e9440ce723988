using LlIcm.Tensors;

namespace LlIcm.Torch;

/// <summary>libtorch or the bridge to it cannot be loaded. The message lists what was tried, causes and cures.</summary>
public sealed class TorchUnavailableException : TensorException
{
    /// <summary>Builds the message from the places that were tried.</summary>
    /// <param name="tried">One line for each place, with the loader's reason.</param>
    public TorchUnavailableException(IReadOnlyList<string> tried) : base(Describe(tried))
    {
    }

    private static string Describe(IReadOnlyList<string> tried) =>
        $"""
        the native library could not be loaded
          tried: {string.Join("\n         ", tried)}
          likely causes and their cures:
          - it was never built: run ./llicm once, or: cmake -S native -B build && cmake --build build
          - libtorch is not installed: apt-get install libtorch-dev libopenblas0-pthread
          - it was built against another libtorch than the one installed now: delete artifacts/ and run ./llicm again
          - it lies elsewhere: set LLICM_TORCH_BRIDGE to libllicm_torch.so or the folder that holds it
        """;
}
