namespace LlIcm.Tensors;

/// <summary>
/// A function of tensors in host memory that is not made of operators, such as an entropy coder: a recorded graph is cut there.
/// </summary>
/// <param name="context">What the run of the graph was started with; null where operators are computed at once.</param>
/// <param name="inputs">Contiguous tensors in host memory, which stay the caller's.</param>
public delegate Tensor HostFunction(object? context, IReadOnlyList<Tensor> inputs);
