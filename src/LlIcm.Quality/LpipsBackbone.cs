using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Quality;

/// <summary>
/// The convolutional parts of torchvision's AlexNet, VGG16 and SqueezeNet 1.1, with their child indices.
/// </summary>
internal static class LpipsBackbone
{
    /// <summary>The layers of torchvision's <c>features</c>, up to the last one that LPIPS looks at.</summary>
    public static UnaryModule[] Layers(LpipsNetwork network) => network switch
    {
        LpipsNetwork.Alex => Alex(),
        LpipsNetwork.Vgg => Vgg(),
        _ => Squeeze(),
    };

    /// <summary>The indices of the layers whose outputs are compared.</summary>
    public static int[] Taps(LpipsNetwork network) => network switch
    {
        LpipsNetwork.Alex => [1, 4, 7, 9, 11],
        LpipsNetwork.Vgg => [3, 8, 15, 22, 29],
        _ => [1, 4, 7, 9, 10, 11, 12],
    };

    private static UnaryModule[] Alex() =>
    [
        new Conv2d(3, 64, 11, stride: 4, padding: 2), Relu(), Pool(3),
        new Conv2d(64, 192, 5, padding: 2), Relu(), Pool(3),
        new Conv2d(192, 384, 3), Relu(),
        new Conv2d(384, 256, 3), Relu(),
        new Conv2d(256, 256, 3), Relu(),
    ];

    private static UnaryModule[] Vgg()
    {
        var layers = new List<UnaryModule>();
        long inputs = 3;
        foreach ((long width, int count) in ((long, int)[])[(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)])
        {
            if (layers.Count > 0) layers.Add(Pool(2));
            for (int i = 0; i < count; i++, inputs = width)
                layers.AddRange([new Conv2d(inputs, width, 3), Relu()]);
        }
        return [.. layers];
    }

    private static UnaryModule[] Squeeze() =>
    [
        new Conv2d(3, 64, 3, stride: 2, padding: 0), Relu(), Pool(3, ceiling: true),
        new Fire(64, 16, 64), new Fire(128, 16, 64), Pool(3, ceiling: true),
        new Fire(128, 32, 128), new Fire(256, 32, 128), Pool(3, ceiling: true),
        new Fire(256, 48, 192), new Fire(384, 48, 192), new Fire(384, 64, 256), new Fire(512, 64, 256),
    ];

    private static Activation Relu() => Activation.Relu();

    private static Activation Pool(int kernel, bool ceiling = false) =>
        new(x => x.MaxPool2d(kernel, stride: 2, ceilMode: ceiling));

    /// <summary>SqueezeNet's building block: 1×1 to few channels, then 1×1 and 3×3 side by side.</summary>
    private sealed class Fire : UnaryModule
    {
        private readonly Conv2d _squeeze, _expand1, _expand3;

        public Fire(long inputs, long squeezed, long expanded)
        {
            _squeeze = Child("squeeze", new Conv2d(inputs, squeezed, 1));
            _expand1 = Child("expand1x1", new Conv2d(squeezed, expanded, 1));
            _expand3 = Child("expand3x3", new Conv2d(squeezed, expanded, 3));
        }

        public override Tensor Forward(Tensor input)
        {
            Tensor x = _squeeze.Forward(input).Relu();
            return Tensor.Cat(1, _expand1.Forward(x), _expand3.Forward(x)).Relu();
        }
    }
}
