using LlIcm.Codecs.CompressAi;
using LlIcm.EntropyCoding;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;
using LlIcm.Tensors.Serialization;
using LlIcm.TestSupport;
using LlIcm.Torch;

namespace LlIcm.Tests.EntropyCoding;

/// <summary>The coder's tables are the same, integer for integer, whichever engine computes them.</summary>
[Trait("Category", "parity")]
public class HostTableTests
{
    [FixtureFact("codec", "mbt2018.tiny.json")]
    public void TablesDoNotDependOnTheEngine()
    {
        int stored = 0, compared = 0;
        foreach (string path in Directory.GetFiles(Fixtures.Path("codec")!, "*.tiny.safetensors").Order(StringComparer.Ordinal))
        {
            using WeightFile file = WeightFile.Open(path);
            bool mlic = file.Tensors.ContainsKey("g_a.analysis_transform.6.weight");
            Dictionary<string, int[]> host, torch;
            using (HostEngine.Instance.Use()) host = Tables(file, mlic);
            using (TorchEngine.Instance.Use()) torch = Tables(file, mlic);
            foreach ((string name, int[] table) in host)
            {
                Assert.Equal(torch[name], table);
                compared++;
                // CompressAI's own tables of z were rounded otherwise in a few places; they are read, never computed.
                if (!mlic && name.StartsWith("entropy_bottleneck", StringComparison.Ordinal)) continue;
                Assert.Equal(file[name].ToIntArray(), table);
                stored++;
            }
        }
        Assert.True(compared >= 36 && stored >= 18, $"{compared} tables were compared, {stored} with stored ones");
    }

    private static Dictionary<string, int[]> Tables(WeightFile file, bool mlic)
    {
        using var scope = new TensorScope();
        using Module model = mlic ? LlIcmModel.LoadCodec(file) : CompressAiCodec.Load(file);
        foreach ((_, Module module) in model.NamedModules())
            if (module is EntropyModel entropy) entropy.Update();
        string[] tables = ["_quantized_cdf", "_cdf_length", "_offset"];
        return model.StateDict().Where(each => tables.Contains(each.Name[(each.Name.IndexOf('.', StringComparison.Ordinal) + 1)..]))
            .ToDictionary(each => each.Name, each => each.Tensor.ToArray<int>());
    }
}
