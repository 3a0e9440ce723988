using LlIcm.Tensors;

namespace LlIcm.Onnx;

/// <summary>An input or output of an exported graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its elements' type.</param>
/// <param name="Shape">Its sizes; -1 for those that differ from run to run.</param>
public sealed record OnnxPort(string Name, ScalarType Type, IReadOnlyList<long> Shape);
