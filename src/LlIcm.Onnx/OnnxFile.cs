namespace LlIcm.Onnx;

/// <summary>A graph of an exported program.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Inputs">What it takes: inputs of the program, results of graphs before it, results of calls.</param>
/// <param name="Outputs">What it gives.</param>
/// <param name="CallInputs">What the function gets that is called after it; null: none is.</param>
/// <param name="CallOutput">What that function's result is called; null: none is called.</param>
public sealed record OnnxFile(
    string Name, IReadOnlyList<OnnxPort> Inputs, IReadOnlyList<OnnxPort> Outputs, IReadOnlyList<string>? CallInputs, string? CallOutput);
