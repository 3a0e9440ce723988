using LlIcm.Tensors;

namespace LlIcm.Onnx;

/// <summary>An input of a recorded graph.</summary>
/// <param name="Shape">The sizes; -1 for those that differ from run to run.</param>
/// <param name="Type">The element type.</param>
public readonly record struct GraphInput(long[] Shape, ScalarType Type = ScalarType.Float);
