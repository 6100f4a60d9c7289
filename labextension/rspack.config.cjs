/** What the builder of JupyterLab is told besides: what makes its one file of code pack best. */

const { rspack } = require("@rspack/core");

module.exports = {
  optimization: {
    // Modules stay in the order of their imports, so that the tables, which are longer than what
    // a packer looks back on, stand before all code and not between its parts.
    sideEffects: false,
    splitChunks: { cacheGroups: { all: { chunks: "all", name: "all", test: /lib/, enforce: true } } },
    minimizer: [
      new rspack.SwcJsMinimizerRspackPlugin({
        minimizerOptions: {
          compress: { ecma: 2022, passes: 4, sequences: 0, unsafe_arrows: true },
        },
      }),
    ],
  },
};
