using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;
using LlIcm.TestSupport;

namespace LlIcm.Tests.Restoration;

/// <summary>Runs every <c>CASE.xt … CASE.output</c> of a fixture through a network.</summary>
internal static class DenoiserCases
{
    public static void Check(ConditionalDenoiser network, Golden io, double relativeToMax)
    {
        string[] cases = [.. io.Names
            .Where(name => name.EndsWith(".xt", StringComparison.Ordinal)).Select(name => name[..^3])];
        Assert.NotEmpty(cases);
        foreach (string each in cases)
        {
            using var scope = new TensorScope();
            using var noGrad = GradMode.Disable();
            io.AssertClose($"{each}.output", Run(network, io, each), 0, relativeToMax);
        }
    }

    public static ConditionalUNet LoadUNet(Golden weights)
    {
        using (Initialization.Skip())
        {
            var network = new ConditionalUNet(ConditionalUNetOptions.FromWeights(weights.File));
            network.LoadState(weights.Find);
            return network;
        }
    }

    public static Tensor Run(ConditionalDenoiser network, Golden io, string each) => network.Forward(
        io[$"{each}.xt"], io[$"{each}.cond"], io[$"{each}.time"],
        io.Find($"{each}.text_context"), io.Find($"{each}.image_context"));
}
