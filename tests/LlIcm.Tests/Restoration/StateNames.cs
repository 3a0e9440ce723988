using LlIcm.Tensors.Modules;

namespace LlIcm.Tests.Restoration;

internal static class StateNames
{
    /// <summary>Same names, same shapes, nothing more and nothing less.</summary>
    public static void AssertEqual(IReadOnlyList<(string Name, long[] Shape)> expected, Module module)
    {
        string Line(string name, ReadOnlySpan<long> shape) => $"{name} {string.Join('x', shape.ToArray())}";
        Assert.NotEmpty(expected);
        Assert.Equal(
            expected.Select(each => Line(each.Name, each.Shape)).Order(StringComparer.Ordinal),
            module.StateDict().Select(each => Line(each.Name, each.Tensor.Shape)).Order(StringComparer.Ordinal));
    }
}
