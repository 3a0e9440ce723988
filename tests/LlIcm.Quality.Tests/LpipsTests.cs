using LlIcm.Imaging;
using LlIcm.Tensors;
using LlIcm.Tensors.Serialization;
using LlIcm.TestSupport;
using LlIcm.Torch;

namespace LlIcm.Quality.Tests;

public class LpipsTests
{
    [FixtureFact("iqa", "lpips_full_state_dict.keys.txt")]
    public void A_full_state_dict_of_the_reference_is_read_by_its_own_names()
    {
        using var model = new Lpips(LpipsNetwork.Squeeze);
        Dictionary<string, Tensor> own = model.NamedParameters().ToDictionary(each => each.Name, each => each.Tensor);
        bool squeeze = false;
        var stored = new List<(string, ScalarType, long[], ReadOnlyMemory<byte>)>();
        foreach (string line in File.ReadLines(Fixtures.Path("iqa", "lpips_full_state_dict.keys.txt")!))
        {
            if (line.StartsWith('#')) squeeze = line.Contains("squeeze", StringComparison.Ordinal);
            string name = line.Split('\t')[0];
            if (!squeeze || !name.StartsWith("net.slice", StringComparison.Ordinal)) continue;
            Tensor tensor = own["features." + string.Join('.', name.Split('.')[2..])];
            stored.Add((name, ScalarType.Float, tensor.Shape.ToArray(), Bytes(tensor)));
        }
        string path = Path.Combine(Directory.CreateTempSubdirectory("llicm").FullName, "full.safetensors");
        SafeTensorsWriter.Write(path, stored);

        using Lpips read = Lpips.Load(LpipsNetwork.Squeeze, path);

        Picture a = Noise(40, 33, seed: 1), b = Noise(40, 33, seed: 2);
        Assert.Equal(model.Distance(a, b), read.Distance(a, b));
    }

    [Fact]
    public void Weights_of_another_network_are_refused_by_name()
    {
        using var squeeze = new Lpips(LpipsNetwork.Squeeze);
        string path = Path.Combine(Directory.CreateTempSubdirectory("llicm").FullName, "squeeze.safetensors");
        SafeTensorsWriter.Write(path, squeeze.NamedParameters().Select(each =>
            (each.Name, ScalarType.Float, each.Tensor.Shape.ToArray(), (ReadOnlyMemory<byte>)Bytes(each.Tensor))));
        var error = Assert.Throws<QualityException>(() => Lpips.Load(LpipsNetwork.Alex, path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData(LpipsNetwork.Alex, 31)]
    [InlineData(LpipsNetwork.Vgg, 16)]
    [InlineData(LpipsNetwork.Squeeze, 17)]
    public void The_smallest_picture_is_measured_and_a_smaller_one_refused(LpipsNetwork network, int side)
    {
        using var model = new Lpips(network);
        Assert.True(model.Distance(Noise(side, side, 1), Noise(side, side, 2)) >= 0);
        Assert.Throws<QualityException>(
            () => model.Distance(Noise(side + 9, side - 1, 1), Noise(side + 9, side - 1, 2)));
    }

    [Fact]
    public void Measuring_leaves_no_tensor_behind()
    {
        using var model = new Lpips(LpipsNetwork.Squeeze);
        Picture a = Noise(64, 48, 1), b = Noise(64, 48, 2);
        model.Distance(a, b);
        long before = TorchRuntime.LiveTensors;
        model.Distance(a, b);
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void The_distance_is_differentiable()
    {
        using var scope = new TensorScope();
        using var model = new Lpips(LpipsNetwork.Squeeze);
        Tensor a = Tensor.Rand(1, 3, 32, 32) * 2 - 1, b = Tensor.Rand(1, 3, 32, 32) * 2 - 1;
        a.RequiresGrad = true;
        model.Forward(a, b).Sum().Backward();
        Assert.True(a.Grad!.Abs().Sum().Item() > 0);
    }

    internal static Picture Noise(int width, int height, int seed)
    {
        var rgb = new byte[3 * width * height];
        new Random(seed).NextBytes(rgb);
        return new Picture(width, height, rgb);
    }

    private static byte[] Bytes(Tensor tensor)
    {
        using Tensor detached = tensor.Detach().Unscoped();
        float[] values = detached.ToArray<float>();
        return System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values).ToArray();
    }
}
