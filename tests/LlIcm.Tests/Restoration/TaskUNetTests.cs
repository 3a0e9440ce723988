using LlIcm.Imaging;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Tensors.Serialization;
using LlIcm.TestSupport;

namespace LlIcm.Tests.Restoration;

public sealed class TaskUNetTests
{
    private static readonly TaskUNetOptions s_small = new() { Widths = [8, 12, 16], Blocks = [1, 2], Dilations = [1, 2] };

    [Fact]
    public void AFreshNetworkReturnsItsInput()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using var network = new TaskUNet(s_small);
        Tensor picture = Tensor.Rand(2, 3, 19, 13);
        Golden.AssertClose(picture, network.Forward(picture, Tensor.Zeros([2, 1, 19, 13]), Told(2, 3)), 0);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 17)]
    [InlineData(40, 9)]
    public void AnySizeKeepsItsSize(int height, int width)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using TaskUNet network = Moved();
        Tensor picture = Tensor.Rand(1, 3, height, width);
        Tensor output = network.Forward(picture, Tensor.Zeros([1, 1, height, width]), Told(1, 0));
        Assert.Equal([1, 3, height, width], output.Shape.ToArray());
    }

    [Fact]
    public void TaskAndHolesMatter()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using TaskUNet network = Moved();
        Tensor picture = Tensor.Rand(1, 3, 16, 16), none = Tensor.Zeros([1, 1, 16, 16]);
        Tensor output = network.Forward(picture, none, Told(1, 2));
        Assert.True(Difference(output, network.Forward(picture, none, Told(1, 5))) > 1e-4);
        Assert.True(Difference(output, network.Forward(picture, none + 1, Told(1, 2))) > 1e-4);
    }

    [Fact]
    public void EveryParameterLearnsOnceTheOutputHasMoved()
    {
        using var scope = new TensorScope();
        using TaskUNet network = Moved();
        network.RequireGrad();
        Tensor picture = Tensor.Rand(1, 3, 16, 16);
        // Half of each task, so that no table's row is left out.
        Tensor tasks = Tensor.Ones([1, s_small.Tasks]) * 0.5;
        network.Forward(picture, Tensor.Ones([1, 1, 16, 16]), tasks).L1Loss(Tensor.Rand(1, 3, 16, 16)).Backward();
        foreach ((string name, Tensor parameter) in network.NamedParameters())
            Assert.True(parameter.Grad is { } grad && grad.Abs().Sum().Item() > 0, $"{name} has no gradient");
    }

    [Fact]
    public void AFileHoldsTheShapeAndTheWeights()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using TaskUNet network = Moved();
        string path = Path.Combine(Path.GetTempPath(), $"llicm-{Guid.NewGuid():N}.safetensors");
        try
        {
            LlIcmModel.SaveRestorer(network, path);
            using WeightFile file = WeightFile.Open(path);
            using var read = Assert.IsType<TaskUNet>(LlIcmModel.LoadRestorer(file));
            Assert.Equal(s_small.Widths, read.Options.Widths);
            Assert.Equal(s_small.Blocks, read.Options.Blocks);
            Assert.Equal(s_small.Dilations, read.Options.Dilations);
            Assert.Equal(s_small.Tasks, read.Options.Tasks);
            Assert.Equal(s_small.Unshuffle, read.Options.Unshuffle);
            Tensor picture = Tensor.Rand(1, 3, 16, 24), none = Tensor.Zeros([1, 1, 16, 24]);
            // Weights are kept in half precision.
            Golden.AssertClose(network.Forward(picture, none, Told(1, 1)), read.Forward(picture, none, Told(1, 1)), 5e-2);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(96, 200)]
    [InlineData(1, 1)]
    [InlineData(37, 51)]
    public void TheRecordedGraphDoesWhatTheModuleDoes(int height, int width)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using TaskUNet network = Moved();
        using var restorer = new TaskRestorer(network);
        var random = new Random(height);
        byte[] rgb = new byte[3 * width * height];
        random.NextBytes(rgb);
        bool[] holes = [.. Enumerable.Range(0, width * height).Select(_ => random.Next(4) == 0)];
        float[] tasks = new float[s_small.Tasks];
        tasks[4] = 1;
        Picture picture = new(width, height, rgb);
        byte[] whole = restorer.Restore(picture, holes, tasks, new TileOptions { Size = 0 }).Rgb;
        byte[] tiled = restorer.Restore(picture, holes, tasks, new TileOptions { Size = 128, Overlap = 64 }).Rgb;
        float[] planes = [.. from c in Enumerable.Range(0, 3) from i in Enumerable.Range(0, width * height) select rgb[3 * i + c] / 255f];
        float[] module = network.Forward(
            Tensor.From<float>(planes, [1, 3, height, width]), Tensor.From<float>([.. holes.Select(each => each ? 1f : 0f)], [1, 1, height, width]),
            Told(1, 4)).ToArray<float>();
        for (int i = 0; i < rgb.Length; i++)
        {
            float expected = Math.Clamp(module[i % 3 * width * height + i / 3], 0f, 1f) * 255f;
            Assert.InRange(whole[i] - expected, -0.51f, 0.51f);
            // The networks see a little further than tiles overlap.
            Assert.InRange(tiled[i] - whole[i], -9, 9);
        }
    }

    private static TaskUNet Moved()
    {
        var network = new TaskUNet(s_small);
        using var noGrad = GradMode.Disable();
        foreach (Tensor parameter in network.Parameters()) parameter.AddInPlace(parameter.RandnLike(), 0.02);
        return network;
    }

    private static Tensor Told(int count, int task)
    {
        float[] values = new float[count * s_small.Tasks];
        for (int i = 0; i < count; i++) values[i * s_small.Tasks + task] = 1;
        return Tensor.From<float>(values, [count, s_small.Tasks]);
    }

    private static double Difference(Tensor a, Tensor b) => (a - b).Abs().Amax([]).Item();
}
