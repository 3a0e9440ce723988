using System.Runtime.CompilerServices;
using LlIcm.Torch;

namespace LlIcm.TestSupport;

/// <summary>Tests make their tensors with libtorch, which computes what the graphs' results are compared with.</summary>
internal static class TorchEngineSetup
{
#pragma warning disable CA2255 // before any test makes a tensor
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Use() => TorchRuntime.Use();
}
