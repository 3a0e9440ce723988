using LlIcm.Tensors;
using LlIcm.Torch;

namespace LlIcm.Benchmarks;

/// <summary>What one operator call costs from C#: schema, boxing, libtorch's own dispatch and allocation, handle, scope.</summary>
internal static class CallBenchmark
{
    private const int Calls = 20000;

    public static void Run()
    {
        TorchRuntime.Threads = 1;
        using var noGrad = GradMode.Disable();
        using var scope = new TensorScope();
        Tensor one = Tensor.Ones([4]), square = Tensor.Ones([4, 4]);
        Tensor picture = Tensor.Ones([1, 1, 4, 4]), kernel = Tensor.Ones([1, 1, 1, 1]);

        Console.WriteLine("one call from C# on tensors of a few elements, ns");
        Measure("x.AddInPlace(y)", () => one.AddInPlace(one, 0));
        Measure("x + y", () => one + one);
        Measure("x · 2", () => one * 2.0);
        Measure("x.Reshape(2, 2), a view", () => one.Reshape(2, 2));
        Measure("cat(x, y)", () => Tensor.Cat(0, one, one));
        Measure("matmul 4×4", () => square.Matmul(square));
        Measure("conv2d 1×1 on 4×4", () => picture.Conv2d(kernel));
        using (GradMode.Enable())
        {
            using Tensor leaf = Tensor.Ones([4]);
            leaf.RequiresGrad = true;
            Measure("x + y, recorded for gradients", () => leaf + one);
        }
    }

    private static void Measure(string name, Func<Tensor> call)
    {
        double seconds = Timing.Median(() =>
        {
            using var scope = new TensorScope();
            for (int i = 0; i < Calls; i++) call();
        });
        Console.WriteLine($"  {name,-38}{seconds / Calls * 1e9,8:0}");
    }
}
